import type { DokStampError } from '../errors/dokstamp.error.js';

/** A picture of an account's token at one moment. Never carries a token or a secret. */
export interface TokenStatus {
  /**
   * `valid`: a token is served. `expired`: the last one is over. `absent`: there is none yet, or it was dropped.
   * `blocked`: no valid token, and the gate is closed after a failure. `closed`: the application has shut down.
   */
  readonly state: 'absent' | 'valid' | 'expired' | 'blocked' | 'closed';
  readonly issuedAt?: Date;
  readonly expiresAt?: Date;
  readonly nextRenewalAt?: Date;
  /** The last failure since the last success. */
  readonly lastError?: DokStampError;
  /** When the next token request may be made, while the gate is closed. */
  readonly blockedUntil?: Date;
}
