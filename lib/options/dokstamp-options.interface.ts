import type { HttpService } from '@nestjs/axios';
import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { TokenStore } from './token-store.interface.js';

/** The client id and secret that the DokStamp account manager gives you. */
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
  baseURL?: string | undefined;
  /** Client id. `DOKSTAMP_CLIENT_ID`, or the path of a mounted file in `DOKSTAMP_CLIENT_ID_FILE`. */
  clientId?: string | undefined;
  /** Client secret. `DOKSTAMP_CLIENT_SECRET`, or the path of a mounted file in `DOKSTAMP_CLIENT_SECRET_FILE`. */
  clientSecret?: string | undefined;
  /** Called before every token request, so that rotated credentials take effect without a restart. */
  credentials?: (() => DokStampCredentials | Promise<DokStampCredentials>) | undefined;
  /** Value of `X-Tenant`, or a function that is called for each request. `DOKSTAMP_TENANT`. */
  tenant?: string | (() => string | undefined) | undefined;
  /**
   * When the first token is fetched: during boot without holding it up (`background`), before boot ends,
   * which fails without a token (`required`), or at the first use (`lazy`). `DOKSTAMP_STARTUP`.
   * @default 'background'
   */
  startup?: 'background' | 'required' | 'lazy' | undefined;
  /**
   * Seconds before its expiry at which a token is renewed: at least 10 s (or a tenth of a lifetime below 100 s), at most a
   * fifth of the lifetime. `DOKSTAMP_RENEW_BEFORE_EXPIRY`.
   * @default 60
   */
  renewBeforeExpiry?: number | undefined;
  /**
   * Milliseconds for one acquisition of a token with all its attempts. `DOKSTAMP_TOKEN_TIMEOUT`.
   * @default 10000
   */
  tokenTimeout?: number | undefined;
  /**
   * Whether a call that is answered with 401 is sent once more with a renewed token.
   * @default true
   */
  replayOnUnauthorized?: boolean | undefined;
  /**
   * Accept an `http:` base URL for hosts other than loopback. Secret and tokens then travel in the clear.
   * @default false
   */
  allowInsecureHttp?: boolean | undefined;
  /**
   * Axios defaults for API calls. All that concerns the connection holds for the token request too: agents, proxy,
   * `lookup`, `family`, `socketPath`, `transport`, `httpVersion`, `http2Options`, `adapter`, `fetchOptions`.
   */
  http?: HttpDefaults | undefined;
  /**
   * Shares the token among the processes that use the same credentials: `new RedisTokenStore(client)` of
   * `nestjs-dokstamp/redis`, or a store of your own. Its values are encrypted. If it fails, each process requests
   * its own tokens.
   * @default in memory, for this process alone
   */
  tokenStore?: TokenStore | undefined;
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
  /** Distinguishes several accounts of one app: `@InjectDokStampHttp('eu')`. */
  name?: string | undefined;
  /**
   * Whether every module can inject the account without importing the module.
   * @default false
   */
  isGlobal?: boolean | undefined;
}

/** Options of `DokStampModule.forRootAsync`; without a factory or class, the account is read from the environment. */
export type DokStampAsyncOptions = ConfigurableModuleAsyncOptions<
  DokStampOptions,
  'createDokStampOptions'
> &
  DokStampAccountExtras;
