import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { DokStampHttpService } from '../http/dokstamp-http.service.js';
import type { DokStampOptions } from '../options/dokstamp-options.interface.js';
import type { TokenEvent } from '../token/token-event.interface.js';
import type { TokenService } from '../token/token.service.js';
import type { TokenStatus } from '../token/token-status.js';

/** What holds for all accounts; what `resolve` gives for one goes before it. */
export type SharedAccountOptions = Omit<
  DokStampOptions,
  'clientId' | 'clientSecret' | 'credentials' | 'startup'
>;

/** Options of `DokStampAccountsModule`: how an account is found, how many are kept, and what holds for all of them. */
export interface DokStampAccountsOptions extends SharedAccountOptions {
  /**
   * Gives the options of the account with this key, or `undefined` where there is none. Called once per key at a time;
   * called anew, at most once a second, when DokStamp refuses the account's pair. What it throws is not remembered.
   * Called anew, its pair holds at once; where it gives other options besides, or none, the next `get` makes the account
   * anew. Of the options, `startup` changes nothing: no token is asked for before the account is used.
   */
  resolve: (
    key: string,
  ) => DokStampOptions | undefined | null | Promise<DokStampOptions | undefined | null>;
  /**
   * How many accounts are kept. The least recently used one that is idle goes first.
   * @default 1000
   */
  max?: number | undefined;
  /**
   * Seconds after which an account that nobody uses goes.
   * @default 3600
   */
  idleAfter?: number | undefined;
  /**
   * What an account is called in log lines and errors, where its key is not to be told.
   * @default the key
   */
  logKey?: ((key: string) => string) | undefined;
}

/** Makes the options; the class form of `forRootAsync` (`useClass`, `useExisting`). */
export interface DokStampAccountsOptionsFactory {
  createDokStampAccountsOptions(): DokStampAccountsOptions | Promise<DokStampAccountsOptions>;
}

/** Options of `DokStampAccountsModule.forRootAsync`. */
export type DokStampAccountsAsyncOptions = ConfigurableModuleAsyncOptions<
  DokStampAccountsOptions,
  'createDokStampAccountsOptions'
> & {
  /** @default false */
  isGlobal?: boolean | undefined;
};

/** The account of one key. Ask for it at each use: one that is kept elsewhere is not renewed ahead once it has gone. */
export interface DokStampAccount {
  readonly key: string;
  readonly http: DokStampHttpService;
  readonly tokens: TokenService;
}

/** What happened to the token of one account. */
export type AccountEvent = TokenEvent & { readonly key: string };

/** One account that is not well. */
export interface UnhealthyAccount extends Pick<TokenStatus, 'expiresAt' | 'nextRenewalAt'> {
  readonly key: string;
  /** `down`: there is no valid token, and the last request for one failed. `degraded`: it is valid, and its renewal fails. */
  readonly health: 'degraded' | 'down';
  readonly code?: string | undefined;
  readonly retryAt?: Date | undefined;
}

/** How the accounts are that are kept now. */
export interface AccountsHealth {
  /** With a valid token and no failure. */
  readonly valid: number;
  /** With a valid token whose renewal fails. */
  readonly degraded: number;
  /** Without a valid token, after a failure. */
  readonly down: number;
  /** Without a valid token, as nobody has used them since it was over. */
  readonly idle: number;
  /** Those that are not well, worst first, at most 10. */
  readonly worst: readonly UnhealthyAccount[];
}
