import { HostLogger } from '../diagnostics/host-logger.js';
import { type Observable, Subject } from 'rxjs';
import type { Clock } from '../async/clock.js';
import { publishPause } from '../diagnostics/channels.js';
import type { TokenFailure } from '../errors/token-failure.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { policyFor } from './failure-policy.js';
import type { IssuedToken } from './token-endpoint.client.js';
import { tokenUrlOf } from './token-endpoint.failures.js';
import type { TokenEvent, TokenRequestReason } from './token-event.interface.js';
import { ASSUMED_LIFETIME_S } from './token-response.js';
import { type TokenState, gateMessageOf } from './token-status.js';

/** From the first failure to the next token: what was logged, because each level is logged once. */
interface Outage {
  readonly startedAt: number;
  readonly logged: Set<'warn' | 'error' | 'refused'>;
}

/** Publishes what happens to the token: events, log lines for the people who run the app, and the diagnostics channel. */
export class TokenReporter {
  readonly #logger = new HostLogger();
  readonly #events = new Subject<TokenEvent>();
  readonly #options: ResolvedOptions;
  readonly #prefix: string;
  #outage: Outage | undefined;
  #hasIssued = false;
  #hasAssumed = false;

  constructor(
    options: ResolvedOptions,
    private readonly clock: Clock,
  ) {
    this.#options = options;
    this.#prefix = options.account === undefined ? '' : `[${options.account}] `;
  }

  get events$(): Observable<TokenEvent> {
    return this.#events.asObservable();
  }

  issued(
    now: TokenState,
    issued: IssuedToken,
    reason: TokenRequestReason,
    durationMs: number,
  ): void {
    const { token, source, lifetimeAssumed } = issued;
    const { expiresAt } = token;
    const endpoint = tokenUrlOf(this.#options);
    const from = source === 'store' ? 'the token store' : endpoint;
    const until = `valid until ${expiresAt.toISOString()}`;
    if (lifetimeAssumed && !this.#hasAssumed) {
      this.#log('warn', `${endpoint} returned no expires_in. Assuming ${ASSUMED_LIFETIME_S} s.`);
    }
    if (this.#outage) {
      const seconds = Math.round((this.clock.monotonic() - this.#outage.startedAt) / 1_000);
      this.#log(
        'log',
        `Token requests to ${endpoint} work again after ${seconds} s. Token ${until}.`,
      );
    } else if (this.#hasIssued) {
      this.#log('debug', `Token renewed from ${from} (${reason}), ${until}.`);
    } else {
      const next = now.nextRenewalAt ? ` Next renewal at ${now.nextRenewalAt.toISOString()}.` : '';
      this.#log('log', `Token obtained from ${from}, ${until}.${next}`);
    }
    this.#hasAssumed ||= lifetimeAssumed;
    this.#hasIssued = true;
    this.#outage = undefined;
    this.#publish(now, { type: 'issued', reason, source, expiresAt, durationMs });
  }

  failed(now: TokenState): void {
    const { lastError: error } = now.pause;
    if (!error) return;
    const isRefused = error.code === 'invalid_client';
    this.#logOnce(isRefused ? 'refused' : now.isServed ? 'warn' : 'error', now, error);
    const { event: type } = policyFor(error.code);
    this.#publish(now, { type, error, retryAt: error.retryAt ?? new Date() });
  }

  /** A call was rejected: since the last failure, the token may have expired. */
  rejected(now: TokenState): void {
    const { lastError } = now.pause;
    const isLogged = this.#outage?.logged.has('refused') ?? false;
    if (lastError && !now.isServed && !isLogged) this.#logOnce('error', now, lastError);
  }

  invalidated(now: TokenState): void {
    this.#publish(now, { type: 'invalidated' });
  }

  /** The owner of the store logs it. */
  store(type: 'store-unavailable' | 'store-recovered'): void {
    this.#events.next({ type });
  }

  closed(now: TokenState): void {
    this.#events.complete();
    this.#publish(now);
  }

  #publish(now: TokenState, event?: TokenEvent): void {
    if (event && this.#events.observed) this.#events.next(event);
    publishPause(() => gateMessageOf(now, this.#options.telemetryName));
  }

  #logOnce(kind: 'warn' | 'error' | 'refused', now: TokenState, error: TokenFailure): void {
    this.#outage ??= { startedAt: this.clock.monotonic(), logged: new Set() };
    if (this.#outage.logged.has(kind)) return;
    this.#outage.logged.add(kind);
    const withoutToken = this.#hasIssued
      ? 'The last token is not valid any more, so calls are rejected'
      : 'No token has been obtained yet, so calls are rejected';
    const state =
      now.isServed && now.token
        ? `The current token is valid until ${now.token.expiresAt.toISOString()}`
        : withoutToken;
    const next = now.nextRenewalAt?.toISOString();
    const text = `${error.message} (${error.code}) ${state}; ${next ? `next try at ${next}` : 'no further try is planned'}.`;
    // The message of an error begins with the account, too.
    this.#log(kind === 'warn' ? 'warn' : 'error', text.slice(this.#prefix.length));
  }

  #log(level: 'debug' | 'log' | 'warn' | 'error', text: string): void {
    this.#logger.write(level, this.#prefix + text);
  }
}
