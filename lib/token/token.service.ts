import type { OnApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { DokStampOptions } from '../options/dokstamp-options.interface.js';
import type { WaitOptions } from './wait.js';
import type { TokenEvent } from './token-event.interface.js';
import type { TokenManager } from './token-manager.js';
import type { TokenStatus } from './token-status.js';

/**
 * The access token of one DokStamp account. One request serves all callers, the token is renewed before it expires, and
 * it is never served afterwards. DokStamp has no refresh token: each renewal is a new token request.
 */
export class TokenService implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  /** Events of the token, from the subscription on. Completes when the application has shut down. */
  readonly events$: Observable<TokenEvent>;
  readonly #manager: TokenManager;
  readonly #startup: NonNullable<DokStampOptions['startup']>;
  #started: Promise<void> | undefined;

  /** @internal */
  constructor(
    manager: TokenManager,
    events$: Observable<TokenEvent>,
    startup: NonNullable<DokStampOptions['startup']>,
  ) {
    this.#manager = manager;
    this.events$ = events$;
    this.#startup = startup;
  }

  /** The state at this moment, without token or secret. */
  get status(): TokenStatus {
    return this.#manager.status;
  }

  /**
   * The current token at once, also while it is being renewed. Without one, a single request obtains a token for all
   * callers that wait. Call it for each use, because a token that the app keeps may expire.
   *
   * @example For another client
   * ```ts
   * const token = await tokenService.getToken({ timeout: 2_000 });
   * await fetch(url, { headers: { authorization: `Bearer ${token}`, 'x-tenant': 'my-university' } });
   * ```
   * @param options `signal` and `timeout` (ms) end this caller's wait only
   * @throws {DokStampError} if no token is available; at once, with `retryAt`, while token requests are paused
   */
  getToken(options: WaitOptions = {}): Promise<string> {
    return this.#manager.get('demand', options);
  }

  /**
   * Obtains a new token even if the current one is valid. Concurrent calls and a renewal in flight share one request.
   * Other callers are served the current token meanwhile.
   * @param options `signal` and `timeout` (ms) end this caller's wait only
   * @throws {DokStampError} if no new token is available
   */
  renew(options: WaitOptions = {}): Promise<string> {
    return this.#manager.get('manual', options);
  }

  /** The current token if it is not this refused one, else the next token. @internal */
  async replace(refused: string, options: WaitOptions): Promise<string> {
    const current = this.current();
    this.#manager.refuse(refused);
    if (current !== undefined && current !== refused) return current;
    return this.#manager.get('unauthorized', options);
  }

  /** Whether this is the cached token, and another process has obtained it. @internal */
  isAdopted(accessToken: string): boolean {
    return this.#manager.isShared(accessToken);
  }

  /** Drops the cached token if it is this one, and returns whether it was. */
  invalidate(accessToken: string): boolean {
    this.#manager.refuse(accessToken);
    return this.#manager.clear(accessToken);
  }

  /** The current token without a promise, for each API call. @internal */
  current(): string | undefined {
    return this.#manager.current()?.value;
  }

  /** Plans the next renewal, after a due one was left out. @internal */
  plan(): void {
    this.#manager.plan();
  }

  /** Called by Nest, once for each provider that returns this object. */
  onModuleInit(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Called by Nest. */
  onModuleDestroy(): void {
    this.#manager.stop();
  }

  /** Called by Nest. */
  onApplicationShutdown(): void {
    this.#manager.close();
  }

  async #start(): Promise<void> {
    // A provider may have requested a token while the app was built.
    if (this.current() !== undefined) return;
    if (this.#startup === 'background') this.#manager.fetchAhead('startup');
    if (this.#startup !== 'required') return;
    try {
      await this.#manager.get('startup', {});
    } catch (error) {
      // The boot fails, and Nest calls no hooks after a failed boot.
      this.#manager.stop();
      throw error;
    }
  }
}
