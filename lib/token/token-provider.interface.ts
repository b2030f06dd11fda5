import type { AccessToken } from './access-token.js';
import type { IssuedToken } from './token-endpoint.client.js';
import type { TokenRequestReason } from './token-event.interface.js';

export interface AcquireParams {
  readonly reason: TokenRequestReason;
  /** The last token, expired or not. */
  readonly latest: AccessToken | undefined;
  /** False during a pause: only a token that another process has obtained may be used. */
  readonly mayRequest: boolean;
  /** Whether another attempt may follow a failed one; asked after each. */
  readonly mayRetry: () => boolean;
  /** Aborts when the application has shut down. */
  readonly closing: AbortSignal;
}

/** Obtains tokens: from the token endpoint, or with a `TokenStore` from the fleet. */
export interface TokenProvider {
  /**
   * Resolves with undefined if no request is allowed and no other process has a token.
   * @throws {TokenFailure}
   */
  obtain(params: AcquireParams): Promise<IssuedToken | undefined>;
  /** This token was refused: it is not obtained again. */
  refuse?(accessToken: string): void;
  /** The application is shutting down. */
  stop?(): void;
}
