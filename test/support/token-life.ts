import { setImmediate } from 'node:timers/promises';
import { SchedulerRegistry } from '@nestjs/schedule';
import { vi } from 'vitest';
import { onAbort, pause } from '../../lib/async/abort.js';
import { type TokenFailure, tokenFailure } from '../../lib/errors/failure-kinds.js';
import { type DokStampCredentials, isDokStampError } from '../../lib/index.js';
import { AccessToken, type SentAt, sentNow } from '../../lib/token/access-token.js';
import type { CredentialsRecheck } from '../../lib/credentials/credentials-recheck.js';
import { FailureGate } from '../../lib/token/failure-gate.js';
import { RenewalPlanner } from '../../lib/token/renewal-planner.js';
import { RenewalTimer } from '../../lib/token/renewal-timer.js';
import type { TokenSupply } from '../../lib/token/token-supply.interface.js';
import type { IssuedToken } from '../../lib/token/token-endpoint.client.js';
import { TokenLifecycle } from '../../lib/token/token-lifecycle.js';
import { TokenReporter } from '../../lib/token/token-reporter.js';
import { TokenState } from '../../lib/token/token-state.js';
import { type Deferred, deferred } from './deferred.js';

/** One thing that happens in the life of a token. */
export type Happening =
  | { what: 'boot' }
  | {
      what: 'call';
      reason: 'demand' | 'manual' | 'unauthorized';
      timeout: number | undefined;
      mayLeave: boolean;
    }
  | { what: 'callers leave' }
  | { what: 'invalidate' }
  | { what: 'time passes'; ms: number }
  | { what: 'wall clock jumps'; ms: number }
  | { what: 'timers run ahead'; ms: number }
  | { what: 'token comes'; lifetimeMs: number; isSameAgain: boolean }
  | { what: 'request fails'; code: TokenFailure['code']; retryAfterMs: number | undefined }
  | { what: 'credentials change'; readTakesMs: number }
  | { what: 'stop' }
  | { what: 'close' };

/** A token request under way. */
interface Pending extends Deferred<IssuedToken> {
  readonly sentAt: SentAt;
  readonly mayRetry: () => boolean;
  readonly lastOneFailed: boolean;
}

const LEFT = new Error('The caller has left.');

/**
 * The life of one account's token: everything is real but time, the token request and the re-read of credentials.
 * Watches the rules that hold at every moment. Time must be faked, and `setImmediate` not.
 */
export class TokenLife {
  readonly #clock = {
    now: () => Date.now(),
    // Timers keep a time of their own, and may fire a little before theirs has come.
    monotonic: () => performance.now() - this.#timersAheadMs,
    random: () => 0.5,
  };
  readonly #gate = new FailureGate(this.#clock);
  readonly #state: TokenState;
  readonly #lifecycle: TokenLifecycle;
  readonly #pending = new Set<Pending>();
  readonly #tokens: AccessToken[] = [];
  readonly #broken = new Set<string>();
  #callers = new AbortController();
  #phase: 'running' | 'stopping' | 'closed' = 'running';
  #wanted = false;
  #waiting = 0;
  #rereads = 0;
  #timersAheadMs = 0;
  #rereadTakesMs = 0;
  #hasOtherPair = false;
  #otherPairCame = false;
  #nobodyAsked = false;
  #lastStartAhead = Number.NEGATIVE_INFINITY;

  constructor() {
    const { clock, gate } = { clock: this.#clock, gate: this.#gate };
    const timer = new RenewalTimer(new SchedulerRegistry(), 'renewal', clock, () =>
      this.#fetchAhead('scheduled'),
    );
    const planner = new RenewalPlanner(timer, gate, clock, 60);
    const supply: TokenSupply = {
      run: ({ closing, mayRetry }) => this.#request(closing, mayRetry),
    };
    const recheck: Pick<CredentialsRecheck, 'otherPair'> = {
      otherPair: (closing) => this.#reread(closing),
    };
    const reporter = new TokenReporter(undefined);
    vi.spyOn(reporter, 'failed').mockImplementation(() =>
      this.#rule(this.#phase !== 'closed', 'a failure is told after the end'),
    );
    this.#state = new TokenState(gate, planner, reporter, clock);
    this.#lifecycle = new TokenLifecycle(
      this.#state,
      supply,
      recheck as unknown as CredentialsRecheck,
      gate,
      planner,
      clock,
      { account: undefined, observedAs: undefined },
    );
  }

  /** The rules that were broken so far, in words. */
  get broken(): string[] {
    return [...this.#broken];
  }

  /** Lets it happen, then whatever follows without time; and looks at the rules. */
  async happen(happening: Happening): Promise<void> {
    this.#begin(happening);
    if (happening.what === 'time passes') await this.#pass(happening.ms);
    await this.#settle();
  }

  #begin(happening: Happening): void {
    switch (happening.what) {
      case 'boot':
        this.#wanted = true;
        return this.#fetchAhead('startup');
      case 'call':
        return this.#call(happening);
      case 'callers leave':
        this.#callers.abort(LEFT);
        this.#callers = new AbortController();
        return;
      case 'invalidate':
        this.#state.drop(this.#state.current()?.value ?? this.#tokens.at(-1)?.value ?? 'none');
        return;
      case 'wall clock jumps':
        vi.setSystemTime(Date.now() + happening.ms);
        return;
      case 'timers run ahead':
        this.#timersAheadMs += happening.ms;
        return;
      case 'token comes':
        return this.#issue(happening.lifetimeMs, happening.isSameAgain);
      case 'request fails':
        return this.#fail(happening.code, happening.retryAfterMs);
      case 'credentials change':
        this.#hasOtherPair = true;
        this.#rereadTakesMs = happening.readTakesMs;
        return;
      case 'stop':
        if (this.#phase === 'running') this.#phase = 'stopping';
        return this.#state.stop();
      case 'close':
        this.#phase = 'closed';
        return this.#lifecycle.close();
    }
  }

  // One timer after the other, with all that follows from each before the next.
  async #pass(ms: number): Promise<void> {
    const end = new AbortController();
    setTimeout(() => end.abort(), ms);
    while (!end.signal.aborted) {
      vi.advanceTimersToNextTimer();
      await this.#settle();
    }
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      // What is due now happens now.
      vi.advanceTimersByTime(0);
      await setImmediate();
    }
    const { nextRenewalAt, issuedAt } = this.#state.status();
    const isUnderWay = this.#pending.size > 0;
    if (this.#phase !== 'running') {
      this.#rule(!nextRenewalAt, 'a renewal is planned after the stop');
    } else if (this.#wanted && !isUnderWay) {
      this.#rule(nextRenewalAt, 'a token is wanted, and none is on its way');
      const hasToken = issuedAt !== undefined;
      // As told, which is true to a second.
      const soon = Date.now() + Math.max(this.#gate.remainingMs, 1_000) + 1_000;
      const isSoon = nextRenewalAt && nextRenewalAt.getTime() <= soon;
      this.#rule(hasToken || isSoon, 'there is no token, and the next try is far away');
    }
    const isWaited = this.#waiting > 0;
    this.#rule(isUnderWay || this.#rereads > 0 || !isWaited, 'a caller waits for nothing');
    const isUseless = this.#otherPairCame && this.#gate.waitsForCredentials;
    this.#rule(!isUseless, 'another pair came, and the gate stays closed');
    this.#otherPairCame = false;
  }

  #rule(holds: unknown, otherwise: string): void {
    if (!holds) this.#broken.add(otherwise);
  }

  #fetchAhead(reason: 'startup' | 'scheduled'): void {
    this.#nobodyAsked = true;
    this.#lifecycle.fetchAhead(reason);
    // By then the request has begun, if this was what began it.
    queueMicrotask(() => (this.#nobodyAsked = false));
  }

  #call({ reason, timeout, mayLeave }: Happening & { what: 'call' }): void {
    if (this.#phase !== 'closed') this.#wanted = true;
    this.#waiting++;
    void this.#lifecycle
      .get(reason, { timeout, signal: mayLeave ? this.#callers.signal : undefined })
      .then(
        (value) => this.#served(value),
        (error: unknown) => this.#refused(error),
      )
      .finally(() => this.#waiting--);
  }

  #served(value: string): void {
    this.#rule(this.#phase !== 'closed', 'a token is handed out after the end');
    const isGood = this.#tokens.some((token) => {
      const unserved = Math.min(5_000, token.lifetimeMs * 0.05);
      return token.value === value && token.remainingMs(this.#clock) > unserved - 0.001;
    });
    this.#rule(isGood, 'a token is handed out that is over, or in its last part');
  }

  #refused(error: unknown): void {
    if (error === LEFT) return;
    if (!isDokStampError(error)) return this.#rule(false, `a caller gets ${String(error)}`);
    this.#rule((error.code === 'closed') === (this.#phase === 'closed'), `a call is ${error.code}`);
    if (error.code === 'closed' || error.code === 'token_wait_timeout') return;
    this.#rule(error.retryAt, 'a failure carries no retryAt');
  }

  #request(closing: AbortSignal, mayRetry: () => boolean): Promise<IssuedToken> {
    const pending = {
      ...deferred<IssuedToken>(),
      sentAt: sentNow(this.#clock),
      mayRetry,
      lastOneFailed: this.#gate.hasFailed,
    };
    this.#rule(this.#pending.size === 0, 'two token requests are under way');
    this.#rule(this.#gate.remainingMs < 1, 'the server is asked while the gate is closed');
    if (this.#nobodyAsked) {
      const isApart = performance.now() - this.#lastStartAhead >= 1_000;
      this.#rule(isApart, 'renewals that nobody waits for start within a second');
      this.#lastStartAhead = performance.now();
      this.#rule(pending.lastOneFailed || this.#isDue(), 'a token is renewed before it is due');
    }
    this.#pending.add(pending);
    onAbort(closing, () => this.#fail('token_request_failed', undefined));
    return pending.promise;
  }

  #isDue(): boolean {
    const token = this.#state.current();
    if (!token) return true;
    const lead = Math.min(60_000, token.lifetimeMs * 0.2);
    // A timer knows no parts of a millisecond.
    return token.remainingMs(this.#clock) <= 1.5 * lead + this.#timersAheadMs + 1;
  }

  async #reread(closing: AbortSignal): Promise<DokStampCredentials | undefined> {
    this.#rereads++;
    if (this.#rereadTakesMs > 0) await pause(this.#rereadTakesMs, closing);
    this.#rereads--;
    this.#otherPairCame = this.#hasOtherPair;
    return this.#hasOtherPair ? { clientId: 'another', clientSecret: 'another' } : undefined;
  }

  #issue(lifetimeMs: number, isSameAgain: boolean): void {
    for (const { sentAt, resolve } of this.#pending) {
      const value = (isSameAgain && this.#tokens.at(-1)?.value) || `token_${this.#tokens.length}`;
      const token = new AccessToken(value, lifetimeMs, sentAt);
      this.#tokens.push(token);
      resolve({ token, lifetimeAssumed: false, source: 'endpoint' });
    }
    this.#pending.clear();
  }

  #fail(code: TokenFailure['code'], retryAfterMs: number | undefined): void {
    for (const { reject, mayRetry, lastOneFailed } of this.#pending) {
      const mayHelp = !lastOneFailed && this.#waiting > 0;
      this.#rule(mayRetry() === mayHelp, 'attempts are made for nobody, or not for one who waits');
      const retryAt = retryAfterMs === undefined ? undefined : new Date(Date.now() + retryAfterMs);
      reject(tokenFailure(code, 'It failed.', { ...(retryAt && { retryAt }) }));
      // What was refused is the pair of now.
      this.#hasOtherPair = false;
    }
    this.#pending.clear();
  }
}
