import { onAbort } from './abort.js';
import { SYSTEM_CLOCK } from './clock.js';
import { startTimeout } from './long-timeout.js';

// Later than this, the event loop was blocked or the process was suspended.
const LATE_MS = 100;

// Node.js runs overdue timers before it reads sockets. In so many turns of the event loop it reads what has arrived.
const TURNS_FOR_IO = 10;

/** A limit for one piece of work. */
export interface TimeLimit {
  /** Aborts when the time is over, or with the outer signal. */
  readonly signal: AbortSignal;
  /** Whether the time was over before the event loop could look. */
  readonly wasLate: boolean;
  /** The work has ended. */
  end(): void;
}

/**
 * Limits work to `ms`. If the limit fires late, pending I/O is read first, because it may complete the work.
 * @param ms undefined: only the outer signal limits it
 */
export function timeLimit(ms: number | undefined, outer?: AbortSignal): TimeLimit {
  const limit = new AbortController();
  let wasLate = false;
  let isEnded = false;
  const turn = (left: number) => {
    if (isEnded) return;
    if (left > 0) setImmediate(turn, left - 1);
    else limit.abort();
  };
  const dueAt = SYSTEM_CLOCK.monotonic() + (ms ?? 0);
  const fire = () => {
    wasLate = SYSTEM_CLOCK.monotonic() - dueAt > LATE_MS;
    turn(wasLate ? TURNS_FOR_IO : 0);
  };
  const stopTimer = ms === undefined ? undefined : startTimeout(ms, fire);
  const stopListening = outer && onAbort(outer, () => limit.abort());
  return {
    signal: limit.signal,
    get wasLate() {
      return wasLate;
    },
    end() {
      isEnded = true;
      stopTimer?.();
      stopListening?.();
    },
  };
}

/**
 * Runs work within `ms`. If the limit fired late and the work had no result after pending I/O was read, it runs once more:
 * the event loop was blocked or the process suspended, so it had no fair chance.
 */
export async function within<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let isLast = false; ; isLast = true) {
    const limit = timeLimit(ms, outer);
    try {
      return await work(limit.signal);
    } catch (error) {
      const hadNoChance = limit.wasLate && limit.signal.aborted && !outer?.aborted;
      if (isLast || !hadNoChance) throw error;
    } finally {
      limit.end();
    }
  }
}

/** Waits for `ms`, or until the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const limit = timeLimit(ms, signal);
  return new Promise<void>((resolve) => onAbort(limit.signal, resolve)).finally(() => limit.end());
}
