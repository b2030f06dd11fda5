import type { DokStampError } from '../errors/dokstamp.error.js';

/**
 * Why a token was asked for.
 * @inline
 */
export type TokenRequestReason = 'startup' | 'demand' | 'scheduled' | 'unauthorized' | 'manual';

/** What happened to an account's token. Never carries a token or a secret. */
export type TokenEvent =
  | {
      /** A new token is in use. */
      readonly type: 'issued';
      readonly reason: TokenRequestReason;
      /** Where the token came from: the token endpoint, or a store shared by several processes. */
      readonly source: 'endpoint' | 'store';
      readonly expiresAt: Date;
      /** From the request for a token until it is available, with all attempts, in ms. */
      readonly durationMs: number;
    }
  | {
      /** A token request failed (`renewal-failed`), or the credentials were refused (`credentials-rejected`). */
      readonly type: 'renewal-failed' | 'credentials-rejected';
      readonly error: DokStampError;
      /** When the next token request may be made. */
      readonly retryAt: Date;
    }
  | {
      /** The cached token was dropped by `invalidate()`, or after three 401 in a row. */
      readonly type: 'invalidated';
    }
  | {
      /** The shared store cannot be used, or can be used again. */
      readonly type: 'store-unavailable' | 'store-recovered';
    };
