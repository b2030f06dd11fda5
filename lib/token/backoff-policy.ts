import type { DokStampErrorCode } from '../errors/dokstamp.error.js';

/** Attempts within one acquisition, when somebody waits for it. */
export const MOST_ATTEMPTS = 3;

const FIRST_PAUSE_MS = 200;

/**
 * Full jitter: the pause before the next attempt is anything from nothing to 200 ms, doubled for each attempt made.
 * @param random in [0, 1)
 */
export function pauseBeforeRetry(attemptsMade: number, random: number): number {
  return random * FIRST_PAUSE_MS * 2 ** (attemptsMade - 1);
}

/** Whether another attempt in the same acquisition may help. */
export function isWorthAnotherAttempt(code: DokStampErrorCode): boolean {
  return (
    code === 'token_request_failed' ||
    code === 'token_response_invalid' ||
    code === 'credentials_unavailable'
  );
}

/** Whether only another pair of credentials (or the account manager) can help. */
export function isRefusal(code: DokStampErrorCode): boolean {
  return code === 'invalid_client' || code === 'token_request_rejected';
}

/**
 * How long the gate stays closed after a failed acquisition, in ms. An outage: 1 s, half as long again each
 * time, to 30 s, so that recovery lags by about a third of its length. A refusal: 30 s, doubling to 5 min.
 * @param failuresBefore how many in a row of the same sort came before this one
 */
export function gateClosedFor(code: DokStampErrorCode, failuresBefore: number): number {
  return isRefusal(code)
    ? Math.min(30_000 * 2 ** failuresBefore, 300_000)
    : Math.min(1_000 * 1.5 ** failuresBefore, 30_000);
}
