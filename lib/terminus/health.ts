import type { TokenStatus } from '../token/token-status.js';

/** How an account is: `degraded` while its renewal fails and its token is still valid. */
export type Health = 'up' | 'degraded' | 'down';

/** What is told beside it. */
export interface HealthDetails extends Pick<TokenStatus, 'state' | 'expiresAt' | 'nextRenewalAt'> {
  /** Of the last failure since the last success. */
  readonly code?: string;
  readonly retryAt?: Date;
}

/** The health that this status means. */
export function healthOf(status: TokenStatus): Health {
  if (status.state !== 'valid') return 'down';
  return status.lastError ? 'degraded' : 'up';
}

/** What an operator needs of this status; without the error's words. */
export function detailsOf({
  state,
  expiresAt,
  nextRenewalAt,
  lastError,
}: TokenStatus): HealthDetails {
  return {
    state,
    ...(expiresAt && { expiresAt }),
    ...(nextRenewalAt && { nextRenewalAt }),
    ...(lastError && { code: lastError.code }),
    ...(lastError?.retryAt && { retryAt: lastError.retryAt }),
  };
}
