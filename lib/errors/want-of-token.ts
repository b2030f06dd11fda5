import { type DokStampError, isDokStampError } from './dokstamp.error.js';
import { isTokenFailure } from './token-failure.js';

/**
 * Whether a call failed because no token could be had: none was given out, the wait for it ended first, or the
 * application is shutting down. The same call may succeed later or in another process, so HTTP's 503 fits.
 *
 * A fault in the options, a missing tenant and an unknown account are none of these: to come again cures none of them.
 */
export function isWantOfToken(error: unknown): error is DokStampError {
  if (!isDokStampError(error)) return false;
  return isTokenFailure(error) || error.code === 'token_wait_timeout' || error.code === 'closed';
}

/** For `@Catch`, which asks by `instanceof`: like this it finds the errors of another copy of this package too. */
export class WantOfToken {
  static [Symbol.hasInstance](error: unknown): boolean {
    return isWantOfToken(error);
  }
}
