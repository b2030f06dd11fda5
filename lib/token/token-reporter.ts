import { HostLogger } from '../diagnostics/host-logger.js';
import { type Observable, Subject } from 'rxjs';
import type { Clock } from '../async/clock.js';
import { publishPause } from '../diagnostics/channels.js';
import type { GateMessage } from '../diagnostics/messages.js';
import type { DokStampError } from '../errors/dokstamp.error.js';
import { isTokenFailure } from '../errors/token-failure.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { policyFor } from './failure-policy.js';
import type { IssuedToken } from './token-endpoint.client.js';
import { tokenUrlOf } from './token-endpoint.failures.js';
import type { TokenEvent, TokenRequestReason } from './token-event.interface.js';
import { ASSUMED_LIFETIME_S } from './token-response.js';
import type { TokenStatus } from './token-status.js';

/** From the first failure to the next token: the kinds of failure that were logged, because each is logged once. */
interface Outage {
  readonly startedAt: number;
  readonly logged: Set<string>;
}

/** Publishes what happens to the token: events, log lines for the people who run the app, and the diagnostics channel. */
export class TokenReporter {
  readonly #logger = new HostLogger();
  readonly #events = new Subject<TokenEvent>();
  readonly #options: ResolvedOptions;
  readonly #endpoint: string;
  readonly #prefix: string;
  #outage: Outage | undefined;
  #hasIssued = false;
  #hasAssumed = false;

  constructor(
    options: ResolvedOptions,
    private readonly clock: Clock,
  ) {
    this.#options = options;
    this.#endpoint = tokenUrlOf(options);
    this.#prefix = options.account === undefined ? '' : `[${options.account}] `;
  }

  get events$(): Observable<TokenEvent> {
    return this.#events.asObservable();
  }

  issued(
    now: TokenStatus,
    issued: IssuedToken,
    reason: TokenRequestReason,
    durationMs: number,
  ): void {
    const { token, source, lifetimeAssumed } = issued;
    const { expiresAt } = token;
    const from =
      source === 'store' ? `the token store instead of ${this.#endpoint}` : this.#endpoint;
    const until = `valid until ${expiresAt.toISOString()}`;
    if (lifetimeAssumed && !this.#hasAssumed) {
      this.#log(
        'warn',
        `${this.#endpoint} returned no expires_in. Assuming ${ASSUMED_LIFETIME_S} s.`,
      );
    }
    const next = now.nextRenewalAt ? ` Next renewal at ${now.nextRenewalAt.toISOString()}.` : '';
    if (this.#outage) {
      const seconds = Math.round((this.clock.monotonic() - this.#outage.startedAt) / 1_000);
      this.#log(
        'log',
        `Token requests to ${this.#endpoint} work again after ${seconds} s. Token ${until}.${next}`,
      );
    } else if (this.#hasIssued) {
      this.#log('debug', `Token renewed from ${from} (${reason}), ${until}.`);
    } else {
      this.#log('log', `Token obtained from ${from}, ${until}.${next}`);
    }
    this.#hasAssumed ||= lifetimeAssumed;
    this.#hasIssued = true;
    this.#outage = undefined;
    this.#publish(now, { type: 'issued', reason, source, expiresAt, durationMs });
  }

  failed(now: TokenStatus): void {
    const { lastError: error } = now;
    if (!error || !isTokenFailure(error)) return;
    this.#logOnce(now, error);
    const { event: type } = policyFor(error.code);
    this.#publish(now, { type, error, retryAt: error.retryAt ?? new Date() });
  }

  /** A call was rejected: since the last failure, the token may have expired. */
  rejected(now: TokenStatus): void {
    if (now.lastError && now.state !== 'valid') this.#logOnce(now, now.lastError);
  }

  invalidated(now: TokenStatus): void {
    this.#publish(now, { type: 'invalidated' });
  }

  /** The owner of the store logs it. */
  store(type: 'store-unavailable' | 'store-recovered'): void {
    this.#events.next({ type });
  }

  closed(now: TokenStatus): void {
    this.#events.complete();
    this.#publish(now);
  }

  #publish(now: TokenStatus, event?: TokenEvent): void {
    if (event && this.#events.observed) this.#events.next(event);
    publishPause(() => gateMessageOf(now, this.#options.telemetryName));
  }

  #logOnce(now: TokenStatus, { code, message }: DokStampError): void {
    const isRefused = code === 'invalid_client';
    const isServed = now.state === 'valid';
    const kind = `${isRefused} ${isServed}`;
    this.#outage ??= { startedAt: this.clock.monotonic(), logged: new Set() };
    if (this.#outage.logged.has(kind)) return;
    this.#outage.logged.add(kind);
    const withoutToken = this.#hasIssued
      ? 'The last token is not valid any more, so calls are rejected'
      : 'No token has been obtained yet, so calls are rejected';
    const state = isServed
      ? `The current token is valid until ${now.expiresAt?.toISOString()}`
      : withoutToken;
    const next = now.nextRenewalAt?.toISOString();
    const step = next ? `next try at ${next}` : 'no further try is planned';
    // The message of an error begins with the account, too.
    const text = message.slice(this.#prefix.length);
    const named = text.includes(this.#endpoint)
      ? text
      : `${text} POST ${this.#endpoint} was not sent.`;
    this.#log(isServed && !isRefused ? 'warn' : 'error', `${named} (${code}) ${state}; ${step}.`);
  }

  #log(level: 'debug' | 'log' | 'warn' | 'error', text: string): void {
    this.#logger.write(level, this.#prefix + text);
  }
}

function gateMessageOf(now: TokenStatus, account: string | undefined): GateMessage {
  const { lastError } = now;
  return {
    account,
    state: now.blockedUntil ? 'closed' : 'open',
    ...(lastError && { code: lastError.code }),
    ...(lastError?.retryAt && { retryAt: lastError.retryAt }),
    ...(now.state === 'valid' && now.expiresAt && { expiresAt: now.expiresAt }),
  };
}
