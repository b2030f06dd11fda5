import type { AccessToken } from './access-token.js';
import type { IssuedToken } from './token-endpoint.client.js';
import type { TokenRequestReason } from './token-event.interface.js';

/** What is wanted of a supply. */
export interface TokenWish {
  readonly reason: TokenRequestReason;
  /** The last token, whether its time is over or not. */
  readonly latest: AccessToken | undefined;
  /** Ends the acquisition from outside. */
  readonly closing: AbortSignal;
  /** Asked after a failed attempt. */
  readonly mayRetry: () => boolean;
}

/** Where the next token comes from: the endpoint, or with a store the fleet. */
export interface TokenSupply {
  /** @throws {TokenFailure} */
  run(wish: TokenWish): Promise<IssuedToken>;
  /** A token that another process has got, while the endpoint may not be asked; undefined where it is not looked for now. */
  find?(wish: TokenWish): Promise<IssuedToken | undefined> | undefined;
  /** This token is not to be supplied again. */
  refuse?(accessToken: string): void;
  /** The application is shutting down. */
  stop?(): void;
}
