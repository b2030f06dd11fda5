import type { HttpService } from '@nestjs/axios';
import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { TokenStore } from './token-store.interface.js';

/** The client id and secret that the DokStamp account manager hands out. */
export interface DokStampCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Axios request defaults. Taken from `HttpService`, so that they are the types of the axios which the host has installed.
 */
export type HttpDefaults = NonNullable<Parameters<HttpService['axiosRef']['create']>[0]>;

/** How one DokStamp account is reached. Give `clientId` and `clientSecret`, or `credentials`. */
export interface DokStampOptions {
  /**
   * Absolute URL of the API; may carry a path prefix. `DOKSTAMP_BASE_URL`.
   * @default 'https://api.dokstamp.com'
   */
  baseURL?: string;
  /** Client id. `DOKSTAMP_CLIENT_ID`, or the path of a mounted file in `DOKSTAMP_CLIENT_ID_FILE`. */
  clientId?: string;
  /** Client secret. `DOKSTAMP_CLIENT_SECRET`, or the path of a mounted file in `DOKSTAMP_CLIENT_SECRET_FILE`. */
  clientSecret?: string;
  /** Called before every token request, so that a rotated pair is picked up without a restart. */
  credentials?: () => DokStampCredentials | Promise<DokStampCredentials>;
  /** Value of `X-Tenant`, or a function that is called for each request. `DOKSTAMP_TENANT`. */
  tenant?: string | (() => string | undefined);
  /**
   * When the first token is fetched: during boot without holding it up (`background`), before boot ends,
   * which fails without a token (`required`), or at the first use (`lazy`). `DOKSTAMP_STARTUP`.
   * @default 'background'
   */
  startup?: 'background' | 'required' | 'lazy';
  /**
   * Seconds before its end at which a token is renewed, at most a fifth of its lifetime. `DOKSTAMP_RENEW_BEFORE_EXPIRY`.
   * @default 60
   */
  renewBeforeExpiry?: number;
  /**
   * Milliseconds for one acquisition of a token with all its attempts. `DOKSTAMP_TOKEN_TIMEOUT`.
   * @default 10000
   */
  tokenTimeout?: number;
  /**
   * Whether a call that is answered with 401 is sent once more with a renewed token.
   * @default true
   */
  replayOnUnauthorized?: boolean;
  /**
   * Accept an `http:` base URL for hosts other than loopback. Secret and tokens then travel in the clear.
   * @default false
   */
  allowInsecureHttp?: boolean;
  /**
   * Axios defaults for API calls. What concerns the connection (agents, proxy, `lookup`, `family`, `socketPath`)
   * holds for the token request too.
   */
  http?: HttpDefaults;
  /**
   * Shares the token among the processes that use the same credentials: `new RedisTokenStore(client)` of
   * `nestjs-dokstamp/redis`, or a store of your own. What it holds is encrypted; where it fails, each process asks for
   * tokens of its own.
   * @default in memory, for this process alone
   */
  tokenStore?: TokenStore;
}

/** Makes the options; the class form of `forRootAsync` (`useClass`, `useExisting`). */
export interface DokStampOptionsFactory {
  createDokStampOptions(): DokStampOptions | Promise<DokStampOptions>;
}

/**
 * What an account is called, and who sees it.
 * @inline
 */
export interface DokStampAccountExtras {
  /** Tells several accounts of one app apart: `@InjectDokStampHttp('eu')`. */
  name?: string;
  /**
   * Whether every module can inject the account without importing the module.
   * @default false
   */
  isGlobal?: boolean;
}

/** Options of `DokStampModule.forRootAsync`; without a factory or class, the account is read from the environment. */
export type DokStampAsyncOptions = ConfigurableModuleAsyncOptions<
  DokStampOptions,
  'createDokStampOptions'
> &
  DokStampAccountExtras;
