import { orAborted } from '../async/abort.js';
import type { Clock } from '../async/clock.js';
import { pause, within } from '../async/time-limit.js';
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

/** One acquisition, with the requests that it has made. */
interface Run {
  readonly params: AcquireParams;
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

  /**
   * @param reading the credentials for the first request, if they are being read already
   * @throws {TokenFailure} of the last attempt, with the number of token requests as `attempts`
   */
  acquire(params: AcquireParams, reading?: Promise<DokStampCredentials>): Promise<AcquiredToken> {
    const run: Run = { params, requests: 0 };
    return within(this.options.tokenTimeout, params.closing, (signal) =>
      this.#attempts(run, signal, run.requests === 0 ? reading : undefined),
    );
  }

  async #attempts(
    run: Run,
    signal: AbortSignal,
    reading?: Promise<DokStampCredentials>,
  ): Promise<AcquiredToken> {
    const endsAt = this.clock.monotonic() + this.options.tokenTimeout;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#attempt(run, signal, tries === 1 ? reading : undefined);
      } catch (error) {
        const failure = asTokenFailure(error);
        const pauseMs = pauseBeforeRetry(tries, this.clock.random());
        const isInTime = !signal.aborted && this.clock.monotonic() + pauseMs < endsAt;
        const mayHelp =
          tries < policyFor(failure.code).attempts && isInTime && run.params.mayRetry();
        if (!mayHelp) throw withDetails(failure, { attempts: run.requests });
        await pause(pauseMs, signal);
      }
    }
  }

  async #attempt(
    run: Run,
    signal: AbortSignal,
    reading?: Promise<DokStampCredentials>,
  ): Promise<AcquiredToken> {
    const pair = await (reading ?? this.credentials.read(signal));
    try {
      return await this.#request(pair, run, signal);
    } catch (error) {
      // If they were rotated between the read and the request, the new ones are worth one more request at once.
      const isRefused = asTokenFailure(error).code === 'invalid_client';
      const rotated = isRefused ? await this.credentials.reread(signal) : undefined;
      if (!rotated || signal.aborted) throw error;
      return this.#request(rotated, run, signal);
    }
  }

  async #request(pair: DokStampCredentials, run: Run, signal: AbortSignal): Promise<AcquiredToken> {
    const occasion = { reason: run.params.reason, attempt: ++run.requests };
    try {
      const request = this.endpoint.request(pair, signal, occasion);
      const issued = await orAborted(request, signal, () => timedOut(this.options));
      this.credentials.accept();
      return { ...issued, pair };
    } catch (error) {
      if (policyFor(asTokenFailure(error).code).isRefusal) this.credentials.refuse(pair);
      throw error;
    }
  }
}

/** The failure of an acquisition; of another kind only if there is a bug in this package. */
export function asTokenFailure(error: unknown): TokenFailure {
  if (isDokStampError(error) && isTokenFailure(error)) return error;
  return tokenFailure('token_request_failed', 'The token request failed for an unknown reason.');
}
