import { orAborted } from '../async/abort.js';
import { timeLimit } from '../async/time-limit.js';
import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import { DokStampError } from '../errors/dokstamp.error.js';

/**
 * How long one caller waits for a token. Ends its own wait only, never the shared request.
 * @inline
 */
export interface WaitOptions {
  /** Ends the wait with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds, then the wait ends with `token_wait_timeout`. Without it, only `tokenTimeout` limits the wait. */
  timeout?: number | undefined;
}

/** @throws {DokStampConfigError} for a timeout that is not a positive number */
export function checkWait({ signal, timeout }: WaitOptions): void {
  if (timeout !== undefined && !(timeout > 0)) {
    throw new DokStampConfigError(['timeout must be a positive number of milliseconds']);
  }
  signal?.throwIfAborted();
}

/** The result of the shared work, unless this caller's wait ends before. */
export function untilCallerLeaves<T>(
  work: Promise<T>,
  { signal, timeout }: WaitOptions,
  account?: string,
): Promise<T> {
  if (!signal && timeout === undefined) return work;
  const limit = timeLimit(timeout, signal);
  const reason = () => (signal?.aborted ? signal.reason : waitTimedOut(timeout, account));
  return orAborted(work, limit.signal, reason).finally(() => limit.end());
}

function waitTimedOut(timeout: number | undefined, account: string | undefined): DokStampError {
  const message = `Timed out after ${timeout} ms waiting for a DokStamp token. The token request continues in the background.`;
  return new DokStampError('token_wait_timeout', message, { retryable: true, account });
}

/** The error of a call after the application has shut down. */
export function closedError(account: string | undefined): DokStampError {
  const message =
    'The application has shut down, so no DokStamp token is available. Create a new application.';
  return new DokStampError('closed', message, { account });
}
