import { orAborted } from '../async/abort.js';
import type { Clock } from '../async/clock.js';
import { type TimeLimit, pause, timeLimit } from '../async/time-limit.js';
import { isDokStampError, withDetails } from '../errors/dokstamp.error.js';
import { type TokenFailure, isTokenFailure, tokenFailure } from '../errors/token-failure.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { CredentialsSource } from './credentials-source.js';
import { pauseBeforeRetry, policyFor } from './failure-policy.js';
import type { IssuedToken, TokenEndpointClient } from './token-endpoint.client.js';
import { timedOut } from './token-endpoint.failures.js';
import type { AcquireParams, TokenProvider } from './token-provider.interface.js';

/** A token, and the credentials that it was issued for. */
export interface AcquiredToken extends IssuedToken {
  readonly pair: DokStampCredentials;
}

/** One acquisition: its time limit and the requests that it has made. */
interface Run {
  readonly params: AcquireParams;
  readonly limit: TimeLimit;
  readonly endsAt: number;
  requests: number;
}

/** Obtains a token from the endpoint: reads the credentials, sends the request, retries. All within `tokenTimeout`. */
export class TokenAcquisition implements TokenProvider {
  constructor(
    private readonly endpoint: TokenEndpointClient,
    private readonly credentials: CredentialsSource,
    private readonly clock: Clock,
    private readonly options: ResolvedOptions,
  ) {}

  obtain(params: AcquireParams): Promise<AcquiredToken | undefined> {
    return params.mayRequest ? this.acquire(params) : Promise.resolve(undefined);
  }

  /** @throws {TokenFailure} of the last attempt, with the number of token requests as `attempts` */
  async acquire(params: AcquireParams): Promise<AcquiredToken> {
    const { tokenTimeout } = this.options;
    const limit = timeLimit(tokenTimeout, params.closing);
    const run: Run = { params, limit, endsAt: this.clock.monotonic() + tokenTimeout, requests: 0 };
    try {
      for (let tries = 1; ; tries++) {
        try {
          return await this.#attempt(run, tries === 1 ? params.reading : undefined);
        } catch (error) {
          const failure = asTokenFailure(error);
          const pauseMs = pauseBeforeRetry(tries, this.clock.random());
          const isInTime = !limit.signal.aborted && this.clock.monotonic() + pauseMs < run.endsAt;
          const mayHelp = tries < policyFor(failure.code).attempts && isInTime && params.mayRetry();
          if (!mayHelp) throw withDetails(failure, { attempts: run.requests });
          await pause(pauseMs, limit.signal);
        }
      }
    } catch (error) {
      // The event loop was blocked or the process suspended, and the time was over before a response could be read.
      if (limit.wasLate && !params.closing.aborted) return await this.acquire(params);
      throw error;
    } finally {
      limit.end();
    }
  }

  async #attempt(run: Run, reading?: Promise<DokStampCredentials>): Promise<AcquiredToken> {
    const { signal } = run.limit;
    let pair = await (reading ?? this.credentials.read(signal));
    for (;;) {
      const occasion = { reason: run.params.reason, attempt: ++run.requests };
      const request = this.endpoint.request(pair, signal, occasion);
      try {
        return { ...(await orAborted(request, signal, () => timedOut(this.options))), pair };
      } catch (error) {
        const failure = asTokenFailure(error);
        if (policyFor(failure.code).isRefusal) this.credentials.refuse(pair);
        if (failure.code !== 'invalid_client') throw failure;
        // If they were rotated between the read and the request, the new ones are worth one more request at once.
        const rotated = await this.credentials.reread(signal);
        if (!rotated || signal.aborted) throw failure;
        pair = rotated;
      }
    }
  }
}

/** The failure of an acquisition; of another kind only if there is a bug in this package. */
export function asTokenFailure(error: unknown): TokenFailure {
  if (isDokStampError(error) && isTokenFailure(error)) return error;
  return tokenFailure('token_request_failed', 'The token request failed for an unknown reason.');
}
