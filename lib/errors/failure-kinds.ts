import {
  DokStampError,
  type DokStampErrorCode,
  type DokStampErrorDetails,
} from './dokstamp.error.js';

/** How long the gate stays closed: after the first failure, and how that grows with each further one. */
interface Closing {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
  /** Whether another pair of credentials opens the gate. */
  readonly isRefusal: boolean;
}

/**
 * Heals by itself: half as long again each time, so that about a third at most of the time without a token comes after
 * the outage's end.
 */
const OUTAGE: Closing = { firstMs: 1_000, factor: 1.5, longestMs: 30_000, isRefusal: false };

/** Heals by another pair of credentials, or by the account manager. */
const REFUSAL: Closing = { firstMs: 30_000, factor: 2, longestMs: 300_000, isRefusal: true };

/** What follows from one kind of failure to get a token. */
export interface FailureKind {
  /** Whether the same call may succeed later without a change to the app or its configuration. */
  readonly retryable: boolean;
  /** Attempts within one acquisition, when somebody waits for it. */
  readonly attempts: number;
  readonly closing: Closing;
  readonly logLevel: 'warn' | 'error';
  readonly event: 'renewal-failed' | 'credentials-rejected';
}

const outage: FailureKind = {
  retryable: true,
  attempts: 3,
  closing: OUTAGE,
  logLevel: 'warn',
  event: 'renewal-failed',
};
const refusal: FailureKind = { ...outage, retryable: false, attempts: 1, closing: REFUSAL };

/** Every kind of failure to get a token, and what follows from it. */
export const FAILURE_KINDS = {
  token_request_failed: outage,
  token_response_invalid: outage,
  credentials_unavailable: outage,
  token_rate_limited: { ...outage, attempts: 1 },
  token_request_rejected: refusal,
  invalid_client: { ...refusal, logLevel: 'error', event: 'credentials-rejected' },
} as const satisfies Partial<Record<DokStampErrorCode, FailureKind>>;

/** A failure to get a token. */
export type TokenFailure = DokStampError & { readonly code: keyof typeof FAILURE_KINDS };

export function tokenFailure(
  code: TokenFailure['code'],
  message: string,
  details: DokStampErrorDetails = {},
): TokenFailure {
  const { retryable } = FAILURE_KINDS[code];
  return new DokStampError(code, message, { ...details, retryable }) as TokenFailure;
}

export function isTokenFailure(error: DokStampError): error is TokenFailure {
  return Object.hasOwn(FAILURE_KINDS, error.code);
}

export function kindOf(failure: TokenFailure): FailureKind {
  return FAILURE_KINDS[failure.code];
}
