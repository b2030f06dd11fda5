import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import { DokStampError } from '../errors/dokstamp.error.js';

// The longest delay that a timer takes; whoever would wait longer waits without a limit.
const LONGEST_DELAY = 2 ** 31 - 1;

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

/**
 * One piece of work for any number of waiters, who come and go.
 * A failure that nobody waits for is nobody's unhandled rejection.
 */
export class SharedFlight<T> {
  readonly #result: Promise<T>;
  #waiters = 0;

  /** @param work starts in a microtask; may look whether anybody waits for it */
  constructor(work: (isAwaited: () => boolean) => Promise<T>) {
    this.#result = Promise.resolve().then(() => work(() => this.#waiters > 0));
    this.#result.catch(() => {});
  }

  /** The result of the work, unless this caller's wait ends before. */
  async wait(options: WaitOptions): Promise<T> {
    this.#waiters++;
    try {
      return await untilCallerLeaves(this.#result, options);
    } finally {
      this.#waiters--;
    }
  }
}

/** @throws {DokStampConfigError} for a timeout that is no positive number */
export function checkWait({ signal, timeout }: WaitOptions): void {
  if (timeout !== undefined && !(timeout > 0)) {
    throw new DokStampConfigError(['timeout must be a positive number of milliseconds']);
  }
  signal?.throwIfAborted();
}

function untilCallerLeaves<T>(result: Promise<T>, { signal, timeout }: WaitOptions): Promise<T> {
  if (!signal && timeout === undefined) return result;
  return new Promise<T>((resolve, reject) => {
    const aborted = () => leave(signal?.reason);
    const timer =
      timeout !== undefined && timeout <= LONGEST_DELAY
        ? setTimeout(() => leave(waitedTooLong(timeout)), timeout)
        : undefined;
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    };
    const leave = (reason: unknown) => {
      settle();
      reject(reason);
    };
    signal?.addEventListener('abort', aborted);
    result.then(resolve, reject).finally(settle);
  });
}

function waitedTooLong(timeout: number): DokStampError {
  return new DokStampError(
    'token_wait_timeout',
    `No DokStamp token came within the ${timeout} ms that this caller would wait. The request for it goes on.`,
    { retryable: true },
  );
}
