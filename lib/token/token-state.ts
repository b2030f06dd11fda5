import type { Clock } from '../async/clock.js';
import { tellGate } from '../diagnostics/channels.js';
import type { AccessToken } from './access-token.js';
import type { FailureGate } from './failure-gate.js';
import type { TokenFailure } from '../errors/failure-kinds.js';
import type { RenewalPlanner } from './renewal-planner.js';
import type { IssuedToken } from './token-endpoint.client.js';
import type { TokenRequestReason } from './token-event.interface.js';
import { overOnArrival } from './token-failure.js';
import type { TokenReporter } from './token-reporter.js';
import type { TokenStatus } from './token-status.interface.js';

/**
 * The state of one account's token; drawn, with the rule for each arrow, in `docs/token-life.md`: the token, whether
 * one was ever wanted, and the phase; beside it the gate, the planned renewal and the flight of `TokenLifecycle`.
 *
 * The invariant: once a token was wanted and while the phase is `running`, a renewal is planned or a flight is under
 * way. It holds because each end of a flight (`land`) and of a token (`drop`) plans the next renewal.
 */
export class TokenState {
  #token: AccessToken | undefined;
  #phase: 'running' | 'stopping' | 'closed' = 'running';
  #wanted = false;
  #isAdopted = false;

  constructor(
    private readonly gate: FailureGate,
    private readonly planner: RenewalPlanner,
    private readonly reporter: TokenReporter,
    private readonly clock: Clock,
    private readonly observedAs?: string,
  ) {}

  get isClosed(): boolean {
    return this.#phase === 'closed';
  }

  /** The token to send now, if there is one; costs no promise. */
  current(): AccessToken | undefined {
    return this.#token?.isServed(this.clock) ? this.#token : undefined;
  }

  /** The last token, whether its time is over or not. */
  get latest(): AccessToken | undefined {
    return this.#token;
  }

  /** Whether this is the present token, and another process has got it. */
  isAdopted(accessToken: string): boolean {
    return this.#isAdopted && this.#token?.value === accessToken;
  }

  /** Somebody has asked for a token: from here on the account is never without one for want of trying. */
  want(): void {
    this.#wanted = true;
  }

  /** The one exit of each flight, whatever it brought; the token to hand out, if there is one. */
  land(
    outcome: IssuedToken | TokenFailure,
    reason: TokenRequestReason,
    durationMs: number,
  ): AccessToken | undefined {
    if (this.isClosed) return undefined;
    if (!('token' in outcome)) return this.#fail(outcome);
    const { token } = outcome;
    if (!token.isServed(this.clock)) return this.#fail(overOnArrival());
    this.#token = token;
    this.#isAdopted = outcome.source === 'store';
    this.planner.issued(token);
    this.gate.reset();
    this.plan();
    this.reporter.issued(outcome, reason, durationMs);
    this.#tellGate();
    return token;
  }

  /** Drops the token if it is this one. */
  drop(accessToken: string): boolean {
    if (!this.#token || this.#token.value !== accessToken) return false;
    this.#token = undefined;
    this.plan();
    this.reporter.invalidated();
    this.#tellGate();
    return true;
  }

  /** Plans the next renewal. */
  plan(): void {
    if (this.#wanted && this.#phase === 'running') this.planner.plan(this.#token !== undefined);
  }

  /** No renewal is planned from here on; tokens can still be had. */
  stop(): void {
    if (this.#phase === 'running') this.#phase = 'stopping';
    this.planner.cancel();
  }

  close(): void {
    this.stop();
    this.#phase = 'closed';
    this.#token = undefined;
    this.gate.reset();
    this.reporter.close();
    this.#tellGate();
  }

  /** The picture of this moment; neither token nor secret is in it. */
  status(): TokenStatus {
    if (this.isClosed) return { state: 'closed' };
    const { isClosed: isBlocked, lastError } = this.gate;
    const { issuedAt, expiresAt } = this.#token ?? {};
    const nextRenewalAt = this.planner.nextAt;
    const withoutToken = isBlocked ? 'blocked' : this.#token ? 'expired' : 'absent';
    return {
      state: this.current() ? 'valid' : withoutToken,
      ...(issuedAt && { issuedAt, expiresAt }),
      ...(nextRenewalAt && { nextRenewalAt }),
      ...(lastError && { lastError }),
      ...(isBlocked && lastError?.retryAt && { blockedUntil: lastError.retryAt }),
    };
  }

  #fail(failure: TokenFailure): undefined {
    this.gate.close(failure);
    this.plan();
    const left = this.current()?.remainingMs(this.clock);
    const told = this.gate.lastError ?? failure;
    this.reporter.failed(failure, told, this.planner.nextAt, left);
    this.#tellGate();
  }

  #tellGate(): void {
    tellGate(() => {
      const { isClosed, lastError } = this.gate;
      const expiresAt = this.current()?.expiresAt;
      return {
        account: this.observedAs,
        state: isClosed ? 'closed' : 'open',
        ...(lastError && { code: lastError.code }),
        ...(lastError?.retryAt && { retryAt: lastError.retryAt }),
        ...(expiresAt && { expiresAt }),
      };
    });
  }
}
