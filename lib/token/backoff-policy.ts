import type { FailureKind } from '../errors/failure-kinds.js';

const FIRST_PAUSE_MS = 200;

/**
 * Full jitter: the pause before the next attempt is anything from nothing to 200 ms, doubled for each attempt made.
 * @param random in [0, 1)
 */
export function pauseBeforeRetry(attemptsMade: number, random: number): number {
  return random * FIRST_PAUSE_MS * 2 ** (attemptsMade - 1);
}

/**
 * How long the gate stays closed after a failed acquisition, in ms.
 * @param failuresBefore how many in a row of the same sort came before this one
 */
export function gateClosedFor({ closing }: FailureKind, failuresBefore: number): number {
  return Math.min(closing.firstMs * closing.factor ** failuresBefore, closing.longestMs);
}
