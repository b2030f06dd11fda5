import {
  DokStampError,
  type DokStampErrorCode,
  type DokStampErrorDetails,
} from './dokstamp.error.js';

/** Each way in which a token request fails, and whether the same call may succeed later without a change. */
const RETRYABLE = {
  token_request_failed: true,
  token_response_invalid: true,
  token_rate_limited: true,
  credentials_unavailable: true,
  token_request_rejected: false,
  invalid_client: false,
} as const satisfies Partial<Record<DokStampErrorCode, boolean>>;

export type TokenFailureCode = keyof typeof RETRYABLE;

/** The error of a token request that failed. */
export type TokenFailure = DokStampError & { readonly code: TokenFailureCode };

export function tokenFailure(
  code: TokenFailureCode,
  message: string,
  details: DokStampErrorDetails = {},
): TokenFailure {
  return new DokStampError(code, message, {
    ...details,
    retryable: RETRYABLE[code],
  }) as TokenFailure;
}

export function isTokenFailure(error: DokStampError): error is TokenFailure {
  return Object.hasOwn(RETRYABLE, error.code);
}
