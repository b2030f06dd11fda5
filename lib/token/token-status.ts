import type { GateMessage } from '../diagnostics/messages.js';
import type { DokStampError } from '../errors/dokstamp.error.js';
import type { AccessToken } from './access-token.js';
import type { RequestPause } from './request-pause.js';

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

/** What the manager knows of its token at one moment. */
export interface TokenState {
  readonly isClosed: boolean;
  readonly token: AccessToken | undefined;
  readonly isServed: boolean;
  readonly pause: RequestPause;
  readonly nextRenewalAt: Date | undefined;
}

export function statusOf(now: TokenState): TokenStatus {
  if (now.isClosed) return { state: 'closed' };
  const { isPaused, lastError } = now.pause;
  const { issuedAt, expiresAt } = now.token ?? {};
  const withoutToken = isPaused ? 'blocked' : now.token ? 'expired' : 'absent';
  return {
    state: now.isServed ? 'valid' : withoutToken,
    ...(issuedAt && { issuedAt, expiresAt }),
    ...(now.nextRenewalAt && { nextRenewalAt: now.nextRenewalAt }),
    ...(lastError && { lastError }),
    ...(isPaused && lastError?.retryAt && { blockedUntil: lastError.retryAt }),
  };
}

/** The same for the diagnostics channel `dokstamp:gate`. */
export function gateMessageOf(now: TokenState, account: string | undefined): GateMessage {
  const { isPaused, lastError } = now.pause;
  return {
    account,
    state: isPaused ? 'closed' : 'open',
    ...(lastError && { code: lastError.code }),
    ...(lastError?.retryAt && { retryAt: lastError.retryAt }),
    ...(now.isServed && now.token && { expiresAt: now.token.expiresAt }),
  };
}
