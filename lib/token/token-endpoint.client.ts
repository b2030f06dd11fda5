import type { Readable } from 'node:stream';
import { HttpService } from '@nestjs/axios';
import type { DokStampCredentials, HttpDefaults } from '../options/dokstamp-options.interface.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { USER_AGENT } from '../package-info.js';
import { readBody } from '../async/bounded-body.js';
import { timeLimit } from '../async/abort.js';
import { AccessToken, sentNow } from './access-token.js';
import type { Clock } from '../async/clock.js';
import { connectionDefaults } from '../options/connection-defaults.js';
import { invalidResponse, overOnArrival, refusedRequest, unreachable } from './token-failure.js';
import { ASSUMED_LIFETIME_S, InvalidTokenResponse, parseTokenResponse } from './token-response.js';

const LARGEST_ANSWER = 64 * 1024;

// The status of a refusal says what follows; its words are not worth a longer wait.
const REFUSAL_PATIENCE_MS = 1_000;

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

  /** @throws {TokenFailure} for whatever is not a good token answer, without secrets */
  async request(pair: DokStampCredentials, signal: AbortSignal): Promise<IssuedToken> {
    const { mask } = this.#options;
    const sentAt = sentNow(this.#clock);
    const { status, headers, data } = await this.#send(pair, signal).catch((error: unknown) => {
      throw unreachable(error, mask);
    });
    if (status !== 200) {
      const patience = timeLimit(REFUSAL_PATIENCE_MS, signal);
      const { text } = await readBody(data, LARGEST_ANSWER, patience.signal);
      patience.end();
      throw refusedRequest({ status, headers, text }, mask, this.#clock.now());
    }
    const { text, flaw } = await readBody(data, LARGEST_ANSWER, signal);
    if (flaw === 'too long') throw invalidResponse('it is larger than 64 KiB', status);
    if (flaw) throw unreachable(flaw, mask);
    const grant = parseTokenResponse(text);
    if (grant instanceof InvalidTokenResponse) throw invalidResponse(grant.reason, status);
    mask.add(grant.accessToken);
    const seconds = grant.expiresIn ?? ASSUMED_LIFETIME_S;
    const token = new AccessToken(grant.accessToken, seconds * 1_000, sentAt);
    if (!token.isServed(this.#clock)) throw overOnArrival();
    return { token, lifetimeAssumed: grant.expiresIn === undefined };
  }

  #send({ clientId, clientSecret }: DokStampCredentials, signal: AbortSignal) {
    const { baseURL, http } = this.#options;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    return createInstance(http).request<Readable>({
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
      responseType: 'stream',
      maxRedirects: 0,
      validateStatus: () => true,
    });
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
