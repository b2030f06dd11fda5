import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import { DokStampError } from '../errors/dokstamp.error.js';
import { onAbort } from '../async/abort.js';
import { startTimeout } from '../async/long-timeout.js';

/**
 * How long one caller waits. Ends its own wait only, never the shared work.
 * @inline
 */
export interface WaitOptions {
  /** Ends the wait with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds, then the wait ends with `token_wait_timeout`; without it, only `tokenTimeout` limits the wait. */
  timeout?: number | undefined;
}

/** @throws {DokStampConfigError} for a timeout that is no positive number */
export function checkWait({ signal, timeout }: WaitOptions): void {
  if (timeout !== undefined && !(timeout > 0)) {
    throw new DokStampConfigError(['timeout must be a positive number of milliseconds']);
  }
  signal?.throwIfAborted();
}

/** The result of shared work, unless this caller's wait ends before. */
export function untilCallerLeaves<T>(
  work: Promise<T>,
  { signal, timeout }: WaitOptions,
  account?: string,
): Promise<T> {
  if (!signal && timeout === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const ends: (() => void)[] = [];
    const end = () => ends.forEach((each) => each());
    const leave = (reason: unknown) => {
      end();
      reject(reason);
    };
    if (timeout !== undefined)
      ends.push(startTimeout(timeout, () => leave(waitedTooLong(timeout, account))));
    if (signal) ends.push(onAbort(signal, () => leave(signal.reason)));
    work.then(resolve, reject).finally(end);
  });
}

function waitedTooLong(timeout: number, account: string | undefined): DokStampError {
  return new DokStampError(
    'token_wait_timeout',
    `No DokStamp token came within the ${timeout} ms that this caller would wait. The request for it goes on.`,
    { retryable: true, account },
  );
}
