import type { OnApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { DokStampOptions } from '../options/dokstamp-options.interface.js';
import type { WaitOptions } from './wait.js';
import type { TokenEvent } from './token-event.interface.js';
import type { TokenManager } from './token-manager.js';
import type { TokenStatus } from './token-status.js';

/**
 * The access token of one DokStamp account: fetched once for all who ask, renewed before its end, never served
 * past it. There is no refresh token; each renewal is a new token request (the service-token page).
 */
export class TokenService implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  /** What happens to the token, from subscription on; completes when the application has shut down. */
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

  /** A picture of this moment, without token or secret. */
  get status(): TokenStatus {
    return this.#manager.status;
  }

  /**
   * The token to send now: the current one at once, also while its renewal runs; else the one that a single
   * request fetches for all who wait. Ask for it at each use: a token that is kept elsewhere outlives its end.
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
   * Fetches a new token even if the current one is still good. Concurrent calls, and a renewal that is under way,
   * are one request; others are served the current token meanwhile.
   * @throws {DokStampError} when no new token can be had
   */
  renew(options: WaitOptions = {}): Promise<string> {
    return this.#manager.get('manual', options);
  }

  /** The token in use where it is not this refused one, else the next one. @internal */
  async replace(refused: string, options: WaitOptions): Promise<string> {
    const current = this.current();
    this.#manager.refuse(refused);
    if (current !== undefined && current !== refused) return current;
    return this.#manager.get('unauthorized', options);
  }

  /** Whether this is the present token, and another process has got it. @internal */
  isAdopted(accessToken: string): boolean {
    return this.#manager.isShared(accessToken);
  }

  /** Drops the cached token, but only if it is this one: a newer one is not the caller's to drop. */
  invalidate(accessToken: string): boolean {
    this.#manager.refuse(accessToken);
    return this.#manager.clear(accessToken);
  }

  /** The token to send now without a promise, for the one call that is made on every request. @internal */
  current(): string | undefined {
    return this.#manager.current()?.value;
  }

  /** Plans the next renewal, where the one that was due has been left out. @internal */
  plan(): void {
    this.#manager.plan();
  }

  /** Called by Nest, once for each provider that gives this object. */
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
    // Somebody may have asked for one while the app was built.
    if (this.current() !== undefined) return;
    if (this.#startup === 'background') this.#manager.fetchAhead('startup');
    if (this.#startup !== 'required') return;
    try {
      await this.#manager.get('startup', {});
    } catch (error) {
      // The boot fails, and Nest calls no hook of an app that did not boot.
      this.#manager.stop();
      throw error;
    }
  }
}
