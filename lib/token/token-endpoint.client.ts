import type { Readable } from 'node:stream';
import { createInstance } from '../axios/host-axios.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { USER_AGENT } from '../package-info.js';
import { type BoundedBody, readBody } from '../async/bounded-body.js';
import { orAborted, timeLimit } from '../async/abort.js';
import { AccessToken, sentNow } from './access-token.js';
import type { Clock } from '../async/clock.js';
import { connectionDefaults } from '../options/connection-defaults.js';
import { traceTokenRequest } from '../diagnostics/channels.js';
import type { TokenRequestMessage } from '../diagnostics/messages.js';
import {
  invalidResponse,
  overOnArrival,
  refusedRequest,
  tookTooLong,
  unreachable,
  unreadable,
} from './token-failure.js';
import { ASSUMED_LIFETIME_S, InvalidTokenResponse, parseTokenResponse } from './token-response.js';

const LARGEST_ANSWER = 64 * 1024;

// The status of a refusal says what follows; its words are not worth a longer wait.
const REFUSAL_PATIENCE_MS = 1_000;

/** A token to use from now on. */
export interface IssuedToken {
  readonly token: AccessToken;
  /** Whether the answer told no lifetime, so that 300 s are assumed. */
  readonly lifetimeAssumed: boolean;
  /** Where it came from: the endpoint, or a store where another process has put it. */
  readonly source: 'endpoint' | 'store';
}

/** For what a token request is made. */
export type TokenRequestOccasion = Pick<TokenRequestMessage, 'reason' | 'attempt'>;

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
  request(
    pair: DokStampCredentials,
    signal: AbortSignal,
    { reason, attempt }: TokenRequestOccasion = { reason: 'manual', attempt: 1 },
  ): Promise<IssuedToken> {
    const { observedAs, baseURL } = this.#options;
    return traceTokenRequest(
      () => ({ account: observedAs, reason, attempt, server: serverOf(baseURL) }),
      this.#clock,
      () => this.#request(pair, signal),
    );
  }

  async #request(pair: DokStampCredentials, signal: AbortSignal): Promise<IssuedToken> {
    const { mask, tokenTimeout } = this.#options;
    const sentAt = sentNow(this.#clock);
    const sending = this.#send(pair, signal).catch((error: unknown) => {
      throw unreachable(error, mask);
    });
    const answer = await orAborted(sending, signal, () => tookTooLong(tokenTimeout));
    const { status, headers, data } = answer;
    if (status !== 200) {
      const patience = timeLimit(REFUSAL_PATIENCE_MS, signal);
      const text = textOf(await readBody(data, LARGEST_ANSWER, patience.signal));
      patience.end();
      throw refusedRequest({ status, headers, text }, this.#options, this.#clock.now());
    }
    const body = await readBody(data, LARGEST_ANSWER, signal);
    if (signal.aborted) throw tookTooLong(tokenTimeout);
    if (body.flaw) throw unreadable(body.flaw, mask);
    const grant = parseTokenResponse(textOf(body), mask);
    if (grant instanceof InvalidTokenResponse) throw invalidResponse(grant.reason, status);
    const seconds = grant.expiresIn ?? ASSUMED_LIFETIME_S;
    const token = new AccessToken(grant.accessToken, seconds * 1_000, sentAt);
    if (!token.isServed(this.#clock)) throw overOnArrival();
    return { token, lifetimeAssumed: grant.expiresIn === undefined, source: 'endpoint' };
  }

  #send({ clientId, clientSecret }: DokStampCredentials, signal: AbortSignal) {
    const { baseURL, http } = this.#options;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    // Made for one request: to keep one for each account would cost more than all else of its token service.
    return createInstance(connectionDefaults(http)).request<Readable>({
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
      // The body is text both ways: nothing that the app has made of axios' transforms is for it.
      transformRequest: [],
      transformResponse: [],
    });
  }
}

function serverOf(baseURL: string): TokenRequestMessage['server'] {
  const { hostname, port, protocol } = new URL(baseURL);
  // The brackets of an IPv6 address are of the URL.
  const address = hostname.replace(/^\[(.+)\]$/, '$1');
  return { address, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

// What is too long is judged by its status alone.
function textOf({ bytes, flaw }: BoundedBody): string {
  return flaw === 'too long' ? '' : new TextDecoder().decode(bytes);
}
