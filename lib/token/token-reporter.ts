import { Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { type FailureKind, type TokenFailure, kindOf } from '../errors/failure-kinds.js';
import type { IssuedToken } from './token-endpoint.client.js';
import type { TokenEvent, TokenRequestReason } from './token-event.interface.js';
import { ASSUMED_LIFETIME_S } from './token-response.js';

/** Tells the outside what happens to the token: every event, and the few log lines that somebody should read. */
export class TokenReporter {
  readonly #logger = new Logger('DokStamp');
  readonly #events = new Subject<TokenEvent>();
  readonly #prefix: string;
  #episode: FailureKind['logLevel'] | undefined;
  #toldFirst = false;
  #toldAssumed = false;

  constructor(account: string | undefined) {
    this.#prefix = account === undefined ? '' : `[${account}] `;
  }

  get events$(): Observable<TokenEvent> {
    return this.#events.asObservable();
  }

  issued(
    { token, lifetimeAssumed, source }: IssuedToken,
    reason: TokenRequestReason,
    durationMs: number,
  ): void {
    const { expiresAt } = token;
    if (lifetimeAssumed && !this.#toldAssumed) {
      this.#log(
        'warn',
        `The token answer tells no expires_in; ${ASSUMED_LIFETIME_S} s are assumed.`,
      );
    }
    this.#toldAssumed ||= lifetimeAssumed;
    const until = `valid until ${expiresAt.toISOString()}`;
    if (this.#episode) this.#log('warn', `Token renewal works again; ${until}.`);
    else if (!this.#toldFirst) this.#log('debug', `First token obtained; ${until}.`);
    this.#toldFirst = true;
    this.#episode = undefined;
    this.#events.next({ type: 'issued', reason, source, expiresAt, durationMs });
  }

  /**
   * @param told the same to the app
   * @param nextTryAt undefined where none is planned
   * @param remainingMs for how long the present token is still served; undefined without one
   */
  failed(
    failure: TokenFailure,
    told: TokenFailure,
    nextTryAt: Date | undefined,
    remainingMs: number | undefined,
  ): void {
    const { logLevel, event: type } = kindOf(failure);
    const { code, message } = failure;
    // Told once an episode; what needs a person is told also where an outage came first.
    if (logLevel === 'error' && this.#episode !== 'error') this.#log('error', message);
    else if (!this.#episode) {
      const next = nextTryAt ? `Next try at ${nextTryAt.toISOString()}` : 'No next try is planned';
      const left =
        remainingMs === undefined
          ? 'there is no token in use'
          : `the present token lasts another ${Math.round(remainingMs / 1_000)} s`;
      this.#log('warn', `Token renewal is failing (${code}): ${message} ${next}; ${left}.`);
    }
    this.#episode = this.#episode === 'error' ? 'error' : logLevel;
    this.#events.next({ type, error: told, retryAt: told.retryAt ?? new Date() });
  }

  invalidated(): void {
    this.#events.next({ type: 'invalidated' });
  }

  /** The shared store cannot be used, or can be used again; who guards it logs that. */
  store(type: 'store-unavailable' | 'store-recovered'): void {
    this.#events.next({ type });
  }

  close(): void {
    this.#events.complete();
  }

  #log(level: 'debug' | 'warn' | 'error', text: string): void {
    this.#logger[level](this.#prefix + text);
  }
}
