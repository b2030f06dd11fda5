import { isDokStampError, withDetails } from '../errors/dokstamp.error.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import { pause, timeLimit } from '../async/abort.js';
import type { Clock } from '../async/clock.js';
import { pauseBeforeRetry } from './backoff-policy.js';
import type { CredentialsRecheck } from '../credentials/credentials-recheck.js';
import type { CredentialsSource } from '../credentials/credentials-source.js';
import {
  type TokenFailure,
  isTokenFailure,
  kindOf,
  tokenFailure,
} from '../errors/failure-kinds.js';
import type { IssuedToken, TokenEndpointClient } from './token-endpoint.client.js';
import type { TokenSupply, TokenWish } from './token-supply.interface.js';

/** One acquisition: until when, and how many token requests it has made. */
interface Run {
  readonly reason: TokenWish['reason'];
  readonly signal: AbortSignal;
  /** The pair that was read for the first attempt already. */
  reading: Promise<DokStampCredentials> | undefined;
  requests: number;
}

/** A token, and the pair that it was issued for. */
export interface AcquiredToken extends IssuedToken {
  readonly pair: DokStampCredentials;
}

/** Gets one token: reads the credentials, asks the endpoint, and tries again where that may help, all within `tokenTimeout`. */
export class TokenAcquisition implements TokenSupply {
  /** @param tokenTimeout ms */
  constructor(
    private readonly endpoint: TokenEndpointClient,
    private readonly credentials: CredentialsSource,
    private readonly recheck: CredentialsRecheck,
    private readonly clock: Clock,
    private readonly tokenTimeout: number,
  ) {}

  /**
   * @param reading gives the pair of the first attempt, where it is being read already
   * @throws {TokenFailure} of the last attempt, with the number of token requests as `attempts`
   */
  async run(
    { reason, closing, mayRetry }: TokenWish,
    reading?: Promise<DokStampCredentials>,
  ): Promise<AcquiredToken> {
    const { signal, end } = timeLimit(this.tokenTimeout, closing);
    const deadline = this.clock.monotonic() + this.tokenTimeout;
    const run: Run = { reason, signal, reading, requests: 0 };
    try {
      for (let tries = 1; ; tries++) {
        try {
          return await this.#attempt(run);
        } catch (error) {
          const failure = asTokenFailure(error);
          const pauseMs = pauseBeforeRetry(tries, this.clock.random());
          const inTime = !signal.aborted && this.clock.monotonic() + pauseMs < deadline;
          const mayHelp = tries < kindOf(failure).attempts && inTime && mayRetry();
          if (!mayHelp) throw withDetails(failure, { attempts: run.requests });
          await pause(pauseMs, signal);
        }
      }
    } finally {
      end();
    }
  }

  async #attempt(run: Run): Promise<AcquiredToken> {
    const reading = run.reading ?? this.credentials.read(run.signal);
    run.reading = undefined;
    const pair = await reading;
    try {
      return await this.#request(pair, run);
    } catch (error) {
      if (!isDokStampError(error) || error.code !== 'invalid_client') throw error;
      // Rotated between the read and the request? Then the pair of now is worth one more request at once.
      const rotated = await this.recheck.otherPair(run.signal);
      if (!rotated || run.signal.aborted) throw error;
      return this.#request(rotated, run);
    }
  }

  async #request(pair: DokStampCredentials, run: Run): Promise<AcquiredToken> {
    run.requests++;
    try {
      const occasion = { reason: run.reason, attempt: run.requests };
      return { ...(await this.endpoint.request(pair, run.signal, occasion)), pair };
    } catch (error) {
      const failure = asTokenFailure(error);
      if (kindOf(failure).closing.isRefusal) this.credentials.refuse(pair);
      throw failure;
    }
  }
}

/** What an acquisition failed with; of another kind only where something here is wrong. */
export function asTokenFailure(error: unknown): TokenFailure {
  if (isDokStampError(error) && isTokenFailure(error)) return error;
  return tokenFailure('token_request_failed', 'The token request failed for an unknown reason.');
}
