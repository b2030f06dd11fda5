import { Readable } from 'node:stream';
import { createInstance } from '../axios/host-axios.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { USER_AGENT } from '../package-info.js';
import { type BoundedBody, readBody } from '../async/bounded-body.js';
import { timeLimit } from '../async/time-limit.js';
import { AccessToken, sentNow } from './access-token.js';
import type { Clock } from '../async/clock.js';
import { connectionDefaults } from '../options/connection-defaults.js';
import { traceTokenRequest } from '../diagnostics/channels.js';
import type { TokenRequestMessage } from '../diagnostics/messages.js';
import {
  expiredOnArrival,
  invalidResponse,
  refusedRequest,
  timedOut,
  tokenUrlOf,
  unreachable,
  unreadable,
} from './token-endpoint.failures.js';
import { ASSUMED_LIFETIME_S, InvalidTokenResponse, parseTokenResponse } from './token-response.js';

const LARGEST_BODY = 64 * 1024;

// The status of a refusal decides what follows. Its body is not worth a longer wait.
const REFUSAL_BODY_MS = 1_000;

/** A token to use from now on. */
export interface IssuedToken {
  readonly token: AccessToken;
  /** Whether the response had no `expires_in`, so that 300 s are assumed. */
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
    const { telemetryName, baseURL } = this.#options;
    return traceTokenRequest(
      () => ({ account: telemetryName, reason, attempt, server: serverOf(baseURL) }),
      this.#clock,
      () => this.#request(pair, signal),
    );
  }

  async #request(pair: DokStampCredentials, signal: AbortSignal): Promise<IssuedToken> {
    const options = this.#options;
    const sentAt = sentNow(this.#clock);
    const { status, headers, data } = await this.#send(pair, signal).catch((error: unknown) => {
      throw signal.aborted ? timedOut(options) : unreachable(error, options);
    });
    if (status !== 200) {
      const limit = timeLimit(REFUSAL_BODY_MS, signal);
      const text = textOf(await readBody(streamOf(data), LARGEST_BODY, limit.signal));
      limit.end();
      throw refusedRequest({ status, headers, text }, pair, options, this.#clock.now());
    }
    const body = await readBody(streamOf(data), LARGEST_BODY, signal);
    if (signal.aborted) throw timedOut(options);
    if (body.flaw) throw unreadable(body.flaw, options);
    const grant = parseTokenResponse(textOf(body), options.mask);
    if (grant instanceof InvalidTokenResponse) throw invalidResponse(options, grant.reason, status);
    const seconds = grant.expiresIn ?? ASSUMED_LIFETIME_S;
    const token = new AccessToken(grant.accessToken, seconds * 1_000, sentAt);
    if (!token.isServed(this.#clock)) throw expiredOnArrival(options);
    return { token, lifetimeAssumed: grant.expiresIn === undefined, source: 'endpoint' };
  }

  #send({ clientId, clientSecret }: DokStampCredentials, signal: AbortSignal) {
    const connection = connectionDefaults(this.#options.http);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    // Made for one request: keeping one for each account would cost more than the rest of its token service.
    return createInstance(connection).request<unknown>({
      method: 'post',
      url: tokenUrlOf(this.#options),
      data: form.toString(),
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/x-www-form-urlencoded',
        'User-Agent': USER_AGENT,
      },
      signal,
      responseType: 'stream',
      maxRedirects: 0,
      // The same for the fetch adapter.
      fetchOptions: { ...connection.fetchOptions, redirect: 'manual' },
      validateStatus: acceptAny,
      // The body is text both ways. The transforms of the app are not for it.
      transformRequest: [],
      transformResponse: [],
    });
  }
}

function acceptAny(): boolean {
  return true;
}

/** The body as a stream of Node.js; adapters other than the one of axios for Node.js give other things. */
function streamOf(data: unknown): Readable {
  if (data instanceof Readable) return data;
  if (data instanceof ReadableStream) return Readable.fromWeb(data);
  const isText = typeof data === 'string' || data instanceof Uint8Array;
  return Readable.from([isText ? data : JSON.stringify(data ?? '')]);
}

function serverOf(baseURL: string): TokenRequestMessage['server'] {
  const { hostname, port, protocol } = new URL(baseURL);
  // The brackets of an IPv6 address are of the URL.
  const address = hostname.replace(/^\[(.+)\]$/, '$1');
  return { address, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

// A body that is too long is judged by its status alone.
function textOf({ bytes, flaw }: BoundedBody): string {
  return flaw === 'too long' ? '' : new TextDecoder().decode(bytes);
}
