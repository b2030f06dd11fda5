import { HttpService } from '@nestjs/axios';
import type { DokStampCredentials, HttpDefaults } from '../options/dokstamp-options.interface.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { USER_AGENT } from '../package-info.js';
import { AccessToken, sentNow } from './access-token.js';
import type { Clock } from './clock.js';
import { connectionDefaults } from './connection-defaults.js';
import { invalidResponse, refusedRequest, unreachable } from './token-failure.js';
import { ASSUMED_LIFETIME_S, InvalidTokenResponse, parseTokenResponse } from './token-response.js';

const LARGEST_ANSWER = 64 * 1024;

/** What came of a token request that succeeded. */
export interface IssuedToken {
  readonly token: AccessToken;
  /** Whether the answer told no lifetime, so that 300 s are assumed. */
  readonly lifetimeAssumed: boolean;
}

/**
 * Makes one token request (RFC 6749, 4.4; the service-token page), over an axios instance of its own
 * that no interceptor of the app sees. Knows nothing of caching, retries or timers.
 */
export class TokenEndpointClient {
  readonly #options: ResolvedOptions;
  readonly #clock: Clock;

  constructor(options: ResolvedOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** @throws {DokStampError} for whatever is not a good token answer, without secrets */
  async request(
    { clientId, clientSecret }: DokStampCredentials,
    signal: AbortSignal,
  ): Promise<IssuedToken> {
    const { baseURL, http, mask } = this.#options;
    const sentAt = sentNow(this.#clock);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    const answer = await createInstance(http)
      .request<string>({
        method: 'post',
        url: `${baseURL}/oauth/token`,
        data: form.toString(),
        headers: {
          Accept: 'application/json',
          'Content-Type': 'application/x-www-form-urlencoded',
          'User-Agent': USER_AGENT,
        },
        signal,
        adapter: 'http',
        responseType: 'text',
        maxRedirects: 0,
        maxContentLength: LARGEST_ANSWER,
        validateStatus: () => true,
      })
      .catch((error: unknown) => {
        throw unreachable(error, mask);
      });
    if (answer.status !== 200) throw refusedRequest(answer, mask, this.#clock.now());
    const grant = parseTokenResponse(answer.data);
    if (grant instanceof InvalidTokenResponse) throw invalidResponse(grant.reason, 200);
    mask.add(grant.accessToken);
    const seconds = grant.expiresIn ?? ASSUMED_LIFETIME_S;
    return {
      token: new AccessToken(grant.accessToken, seconds * 1_000, sentAt),
      lifetimeAssumed: grant.expiresIn === undefined,
    };
  }
}

// For one request: to keep one for each account would cost more than all else of its token room.
function createInstance(http: HttpDefaults): HttpService['axiosRef'] {
  const instance = new HttpService().axiosRef.create();
  // What the app set on the global axios (headers, auth, params, a mock adapter) is not for this request.
  const { defaults } = instance;
  const { transitional, env } = defaults;
  for (const key of Object.keys(defaults)) delete defaults[key as keyof typeof defaults];
  Object.assign(defaults, { transitional, env, ...connectionDefaults(http) });
  return instance;
}
