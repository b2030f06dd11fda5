import { DokStampError } from '../errors/dokstamp.error.js';
import type { AccessToken } from './access-token.js';
import type { Clock } from './clock.js';
import type { FailureGate } from './failure-gate.js';
import { renewalDueAfter, sameTokenDueAfter } from './renewal-policy.js';
import type { RenewalTimer } from './renewal-timer.js';
import { SharedFlight, type WaitOptions } from './shared-flight.js';
import type { TokenAcquisition } from './token-acquisition.js';
import type { IssuedToken } from './token-endpoint.client.js';
import type { TokenRequestReason } from './token-event.interface.js';
import type { TokenReporter } from './token-reporter.js';
import type { TokenStatus } from './token-status.interface.js';
import { statusOf } from './token-status.js';

// While DokStamp refuses the credentials, they are read anew at most this often.
const REREAD_PAUSE_MS = 1_000;

/** What the lifecycle drives. */
export interface LifecycleParts {
  readonly acquisition: TokenAcquisition;
  readonly gate: FailureGate;
  readonly timer: RenewalTimer;
  readonly reporter: TokenReporter;
  readonly clock: Clock;
  /** Seconds. */
  readonly renewBeforeExpiry: number;
  /** Whether the credentials may be another pair when read again. */
  readonly rereadable: boolean;
}

/**
 * The state machine of one account's token; drawn, with the rule for each arrow, in `docs/token-life.md`.
 * Its whole state: the token, the flight that fetches the next one, the gate, and whether it is closed.
 */
export class TokenLifecycle {
  readonly #parts: LifecycleParts;
  #token: AccessToken | undefined;
  #flight:
    { readonly shared: SharedFlight<AccessToken>; readonly abort: AbortController } | undefined;
  #rereadAt = Number.NEGATIVE_INFINITY;
  #plans = true;
  #closed = false;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  /** The token to send now, if there is one; costs no promise. */
  current(): AccessToken | undefined {
    return this.#token?.isServed(this.#parts.clock) ? this.#token : undefined;
  }

  /** Joins the flight, or starts one. @throws {DokStampError} at once while the gate is closed */
  async next(reason: TokenRequestReason, wait: WaitOptions): Promise<AccessToken> {
    try {
      return await this.#join(reason).wait(wait);
    } catch (error) {
      // Whoever gets the remembered error gets a copy: axios adds its caller's stack to each error that passes through,
      // and the stack of one that all share would grow with every call.
      const remembered = this.#parts.gate.lastError;
      throw error === remembered ? remembered?.with({}) : error;
    }
  }

  /** Fetches a token that nobody waits for. Its failure is told by log and event. */
  fetchAhead(reason: TokenRequestReason): void {
    try {
      this.#join(reason);
    } catch {
      // The gate is closed: this failure has been told, and the next try is planned for when it opens.
      if (this.#token) this.#plan(this.#parts.gate.remainingMs);
    }
  }

  /** Drops the token if it is this one. */
  drop(accessToken: string): boolean {
    if (this.#token?.value !== accessToken) return false;
    this.#token = undefined;
    this.#parts.timer.cancel();
    this.#parts.reporter.invalidated();
    return true;
  }

  status(): TokenStatus {
    const { gate, timer } = this.#parts;
    const served = this.current() !== undefined;
    return statusOf({
      token: this.#token,
      served,
      gate,
      nextRenewalAt: timer.dueAt,
      closed: this.#closed,
    });
  }

  /** No renewal is planned from here on; tokens can still be had. */
  stopPlanning(): void {
    this.#plans = false;
    this.#parts.timer.cancel();
  }

  /** The end: whoever waits or comes later is rejected with `closed`. */
  close(): void {
    this.#closed = true;
    this.stopPlanning();
    this.#flight?.abort.abort(closedError());
    this.#token = undefined;
    this.#parts.reporter.close();
  }

  #join(reason: TokenRequestReason): SharedFlight<AccessToken> {
    if (this.#closed) throw closedError();
    if (this.#flight) return this.#flight.shared;
    const refusal = this.#parts.gate.closedWith;
    if (refusal && !this.#mayReread()) throw refusal;
    const abort = new AbortController();
    const shared = new SharedFlight(async (isAwaited) => {
      try {
        if (refusal) await this.#reread(refusal, abort);
        return await this.#acquire(reason, abort, isAwaited);
      } finally {
        this.#flight = undefined;
      }
    });
    this.#flight = { shared, abort };
    return shared;
  }

  #mayReread(): boolean {
    const { gate, clock, rereadable } = this.#parts;
    return (
      rereadable &&
      gate.waitsForCredentials &&
      clock.monotonic() - this.#rereadAt >= REREAD_PAUSE_MS
    );
  }

  // Opens the gate if another pair is at hand; otherwise, or when that takes too long, the remembered error stands.
  async #reread(refusal: DokStampError, abort: AbortController): Promise<void> {
    this.#rereadAt = this.#parts.clock.monotonic();
    const patience = setTimeout(() => abort.abort(refusal), REREAD_PAUSE_MS);
    const changed = await this.#parts.acquisition.credentialsChanged(abort.signal);
    clearTimeout(patience);
    if (!changed) throw abort.signal.aborted ? abort.signal.reason : refusal;
    this.#parts.gate.open();
  }

  async #acquire(
    reason: TokenRequestReason,
    abort: AbortController,
    isAwaited: () => boolean,
  ): Promise<AccessToken> {
    const { acquisition, gate, clock } = this.#parts;
    const startedAt = clock.monotonic();
    const lastOneWorked = gate.lastError === undefined;
    const issued = await acquisition
      .run(abort, () => lastOneWorked && isAwaited())
      .catch((error: DokStampError) => Promise.reject(this.#fail(error)));
    return this.#adopt(issued, reason, clock.monotonic() - startedAt);
  }

  #adopt(
    { token, lifetimeAssumed }: IssuedToken,
    reason: TokenRequestReason,
    durationMs: number,
  ): AccessToken {
    const { gate, reporter, clock, renewBeforeExpiry } = this.#parts;
    const due = renewalDueAfter(token.lifetimeMs, renewBeforeExpiry, clock.random());
    const dueAfter = token.value === this.#token?.value ? sameTokenDueAfter(due) : due;
    this.#token = token;
    gate.reset();
    this.#plan(dueAfter - (clock.monotonic() - token.sentAt.monotonic));
    if (lifetimeAssumed) reporter.lifetimeAssumed();
    reporter.issued(token, reason, durationMs);
    return token;
  }

  #fail(error: DokStampError): DokStampError {
    if (error.code === 'closed') return error;
    const { gate, reporter, clock } = this.#parts;
    const remembered = gate.close(error);
    const token = this.current();
    if (token) this.#plan(gate.remainingMs);
    reporter.failed(
      remembered,
      remembered.retryAt ?? new Date(clock.now()),
      token?.remainingMs(clock),
    );
    return remembered;
  }

  #plan(delayMs: number): void {
    if (this.#plans)
      this.#parts.timer.plan(Math.max(0, delayMs), () => this.fetchAhead('scheduled'));
  }
}

function closedError(): DokStampError {
  return new DokStampError(
    'closed',
    'The application has shut down; no DokStamp token can be had any more. Create a new application to go on.',
  );
}
