import type { DokStampError } from '../errors/dokstamp.error.js';

/** The state of an account's token at one moment. Never carries a token or a secret. */
export interface TokenStatus {
  /**
   * `valid`: a token is served. `expired`: the last one has expired. `absent`: there is none yet, or it was dropped.
   * `blocked`: no valid token, and token requests are paused after a failure. `closed`: the application has shut down.
   */
  readonly state: 'absent' | 'valid' | 'expired' | 'blocked' | 'closed';
  readonly issuedAt?: Date | undefined;
  readonly expiresAt?: Date | undefined;
  readonly nextRenewalAt?: Date | undefined;
  /** The last failure since the last success. */
  readonly lastError?: DokStampError | undefined;
  /** When the next token request is allowed, during a pause. */
  readonly blockedUntil?: Date | undefined;
}
