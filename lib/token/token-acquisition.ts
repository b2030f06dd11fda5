import { DokStampError, isDokStampError } from '../errors/dokstamp.error.js';
import { orAborted } from './abortable.js';
import { MOST_ATTEMPTS, isWorthAnotherAttempt, pauseBeforeRetry } from './backoff-policy.js';
import type { Clock } from './clock.js';
import type { CredentialsSource } from './credentials-source.js';
import type { IssuedToken, TokenEndpointClient } from './token-endpoint.client.js';

/** Gets one token: reads the credentials, asks the endpoint, and tries again where that may help, all within `tokenTimeout`. */
export class TokenAcquisition {
  constructor(
    private readonly endpoint: TokenEndpointClient,
    private readonly credentials: CredentialsSource,
    private readonly clock: Clock,
    private readonly tokenTimeout: number,
  ) {}

  /**
   * @param abort ends the acquisition from outside; its reason is thrown
   * @param mayRetry asked after a failed attempt
   * @throws {DokStampError} of the last attempt, with the number of token requests as `attempts`
   */
  async run(abort: AbortController, mayRetry: () => boolean): Promise<IssuedToken> {
    const { signal } = abort;
    const deadline = this.clock.monotonic() + this.tokenTimeout;
    const timer = setTimeout(() => abort.abort(tookTooLong(this.tokenTimeout)), this.tokenTimeout);
    const requests = { sent: 0 };
    try {
      for (let tries = 1; ; tries++) {
        try {
          return await orAborted(this.#attempt(signal, requests), signal);
        } catch (error) {
          const failure = asFailure(error).with({ attempts: requests.sent });
          const pause = pauseBeforeRetry(tries, this.clock.random());
          const inTime = !signal.aborted && this.clock.monotonic() + pause < deadline;
          const mayHelp = tries < MOST_ATTEMPTS && isWorthAnotherAttempt(failure.code);
          if (!mayHelp || !inTime || !mayRetry()) throw failure;
          await orAborted(new Promise((resolve) => setTimeout(resolve, pause)), signal);
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads the credentials anew; whether they differ from those read before. A failure to read counts as no. */
  async credentialsChanged(signal: AbortSignal): Promise<boolean> {
    try {
      return (await orAborted(this.credentials.read(), signal)).changed;
    } catch {
      return false;
    }
  }

  async #attempt(signal: AbortSignal, requests: { sent: number }): Promise<IssuedToken> {
    const { pair } = await this.credentials.read();
    try {
      requests.sent++;
      return await this.endpoint.request(pair, signal);
    } catch (error) {
      // Rotated between the read and the request? Then the pair of now is worth one more request at once.
      const refused = isDokStampError(error) && error.code === 'invalid_client';
      if (!refused || !this.credentials.rereadable) throw error;
      if (!(await this.credentialsChanged(signal))) throw error;
      const { pair: rotated } = await this.credentials.read();
      requests.sent++;
      return this.endpoint.request(rotated, signal);
    }
  }
}

function tookTooLong(tokenTimeout: number): DokStampError {
  return new DokStampError(
    'token_request_failed',
    `No DokStamp token came within tokenTimeout (${tokenTimeout} ms). Check the network and baseURL.`,
    { retryable: true },
  );
}

function asFailure(error: unknown): DokStampError {
  if (isDokStampError(error)) return error;
  return new DokStampError(
    'token_request_failed',
    'The token request failed for an unknown reason.',
    {
      retryable: true,
    },
  );
}
