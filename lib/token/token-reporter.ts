import { Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import type { DokStampError } from '../errors/dokstamp.error.js';
import type { AccessToken } from './access-token.js';
import type { TokenEvent, TokenRequestReason } from './token-event.interface.js';
import { ASSUMED_LIFETIME_S } from './token-response.js';

/** Tells the outside what happens to the token: every event, and the few log lines that somebody should read. */
export class TokenReporter {
  readonly #logger = new Logger('DokStamp');
  readonly #events = new Subject<TokenEvent>();
  readonly #prefix: string;
  #episode: 'failing' | 'rejected' | undefined;
  #toldFirst = false;
  #toldAssumed = false;

  constructor(account: string | undefined) {
    this.#prefix = account === undefined ? '' : `[${account}] `;
  }

  get events$(): Observable<TokenEvent> {
    return this.#events.asObservable();
  }

  issued(token: AccessToken, reason: TokenRequestReason, durationMs: number): void {
    const until = `valid until ${token.expiresAt.toISOString()}`;
    if (this.#episode) this.#logger.warn(`${this.#prefix}Token renewal works again; ${until}.`);
    else if (!this.#toldFirst) this.#logger.debug(`${this.#prefix}First token obtained; ${until}.`);
    this.#toldFirst = true;
    this.#episode = undefined;
    this.#events.next({
      type: 'issued',
      reason,
      source: 'endpoint',
      expiresAt: token.expiresAt,
      durationMs,
    });
  }

  /** @param remainingMs for how long the present token is still served; undefined without one */
  failed(error: DokStampError, retryAt: Date, remainingMs: number | undefined): void {
    const rejected = error.code === 'invalid_client';
    if (rejected && this.#episode !== 'rejected') {
      this.#logger.error(`${this.#prefix}${error.message}`);
      this.#episode = 'rejected';
    } else if (!this.#episode) {
      const left =
        remainingMs === undefined
          ? 'there is no token in use'
          : `the present token lasts another ${Math.round(remainingMs / 1_000)} s`;
      this.#logger.warn(
        `${this.#prefix}Token renewal is failing (${error.code}): ${error.message} ` +
          `Next try at ${retryAt.toISOString()}; ${left}.`,
      );
      this.#episode = 'failing';
    }
    this.#events.next({
      type: rejected ? 'credentials-rejected' : 'renewal-failed',
      error,
      retryAt,
    });
  }

  invalidated(): void {
    this.#events.next({ type: 'invalidated' });
  }

  lifetimeAssumed(): void {
    if (this.#toldAssumed) return;
    this.#toldAssumed = true;
    this.#logger.warn(
      `${this.#prefix}The token answer tells no expires_in; ${ASSUMED_LIFETIME_S} s are assumed.`,
    );
  }

  close(): void {
    this.#events.complete();
  }
}
