import type { TokenFailureCode } from '../errors/token-failure.js';

/** What follows from a failed acquisition. */
export interface FailurePolicy {
  /** Attempts within one acquisition, if a caller waits for it. */
  readonly attempts: number;
  /** No token request for `firstMs`, then `factor` times as long with each further failure, to `longestMs`. */
  readonly pause: { readonly firstMs: number; readonly factor: number; readonly longestMs: number };
  /** Whether other credentials end the pause. */
  readonly isRefusal: boolean;
  readonly event: 'renewal-failed' | 'credentials-rejected';
}

const outage: FailurePolicy = {
  attempts: 3,
  // At most a third of the time without a token comes after the end of the outage.
  pause: { firstMs: 1_000, factor: 1.5, longestMs: 30_000 },
  isRefusal: false,
  event: 'renewal-failed',
};

const refusal: FailurePolicy = {
  attempts: 1,
  pause: { firstMs: 30_000, factor: 2, longestMs: 300_000 },
  isRefusal: true,
  event: 'renewal-failed',
};

const POLICIES: Readonly<Record<TokenFailureCode, FailurePolicy>> = {
  token_request_failed: outage,
  token_response_invalid: outage,
  credentials_unavailable: outage,
  token_rate_limited: { ...outage, attempts: 1 },
  token_request_rejected: refusal,
  invalid_client: { ...refusal, event: 'credentials-rejected' },
};

export function policyFor(code: TokenFailureCode): FailurePolicy {
  return POLICIES[code];
}

/**
 * Full jitter: the pause before the next attempt of an acquisition is up to 200 ms, doubled for each attempt made.
 * @param random in [0, 1)
 */
export function pauseBeforeRetry(attemptsMade: number, random: number): number {
  return random * 200 * 2 ** (attemptsMade - 1);
}

/**
 * How long no token request is made after a failed acquisition, in whole ms.
 * @param failuresBefore failures of the same sort (outage or refusal) in a row before this one
 */
export function pauseAfter({ pause }: FailurePolicy, failuresBefore: number): number {
  return Math.ceil(Math.min(pause.firstMs * pause.factor ** failuresBefore, pause.longestMs));
}
