import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Clock } from '../async/clock.js';
import { outsideRequest } from '../async/outside-request.js';
import type { Use } from '../async/use.interface.js';
import { traceTokenWait } from '../diagnostics/channels.js';
import { type CallSite, beginStackAt, callSite } from '../errors/call-site.js';
import { isDokStampError } from '../errors/dokstamp.error.js';
import type { TokenFailure } from '../errors/token-failure.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { AccessToken } from './access-token.js';
import type { CredentialsSource } from './credentials-source.js';
import { RenewalTimer } from './renewal-timer.js';
import { RequestPause } from './request-pause.js';
import { asTokenFailure } from './token-acquisition.js';
import type { IssuedToken } from './token-endpoint.client.js';
import type { TokenRequestReason } from './token-event.interface.js';
import type { TokenProvider } from './token-provider.interface.js';
import type { TokenReporter } from './token-reporter.js';
import type { TokenStatus } from './token-status.js';
import { type WaitOptions, checkWait, closedError, untilCallerLeaves } from './wait.js';

export interface TokenManagerSetup {
  readonly options: ResolvedOptions;
  readonly provider: TokenProvider;
  readonly credentials: CredentialsSource;
  readonly reporter: TokenReporter;
  readonly registry: SchedulerRegistry;
  readonly clock: Clock;
  readonly use?: Use | undefined;
  readonly renewsAhead?: (() => boolean) | undefined;
}

/**
 * Owns the token of one account: the cached token, the one request in flight, the pause after a failure and the planned
 * renewal. Once a token was wanted and until `stop()`, a renewal is planned or a request is in flight: each end of a
 * request (`#complete`, `#fail`) and of a token (`clear`) plans the next one.
 */
export class TokenManager {
  readonly #setup: TokenManagerSetup;
  readonly #pause: RequestPause;
  readonly #timer: RenewalTimer;
  readonly #closing = new AbortController();
  #issued: IssuedToken | undefined;
  #flight: Promise<AccessToken | undefined> | undefined;
  #isStopped = false;
  #isWanted = false;
  #waiting = 0;

  constructor(setup: TokenManagerSetup) {
    const { registry, clock } = setup;
    const { account, renewBeforeExpiry } = setup.options;
    const name = `${account === undefined ? 'dokstamp' : `dokstamp:${account}`}:token-renewal`;
    this.#setup = setup;
    this.#pause = new RequestPause(clock, account);
    this.#timer = new RenewalTimer({ registry, name, clock, renewBeforeExpiry });
  }

  /** The token to send now. */
  current(): AccessToken | undefined {
    const token = this.#issued?.token;
    return token?.isServed(this.#setup.clock) ? token : undefined;
  }

  /** Whether this is the cached token, and another process has obtained it. */
  isShared(accessToken: string): boolean {
    return this.#issued?.source === 'store' && this.#issued.token.value === accessToken;
  }

  /**
   * The current token on `demand`, if there is one; else the next token.
   * @throws {DokStampError} at once during a pause
   */
  async get(reason: TokenRequestReason, wait: WaitOptions): Promise<string> {
    const current = reason === 'demand' ? this.current() : undefined;
    if (current) {
      checkWait(wait);
      return current.value;
    }
    const { options, clock } = this.#setup;
    // Above the app are this function and the one of `TokenService`.
    const site = callSite(2);
    return traceTokenWait({ account: options.telemetryName, reason }, clock, () =>
      this.#waitFor(reason, wait, site),
    );
  }

  /** Starts a request that no caller waits for. Log and event report its failure. */
  fetchAhead(reason: 'startup' | 'scheduled'): void {
    this.#isWanted = true;
    // A timer may fire a little early.
    if (this.#pause.isPaused) return this.plan();
    if (!this.#flight) this.#timer.renewalStarted();
    void this.#fetch(reason);
  }

  /** Called by the timer. */
  renewAhead(): void {
    this.#timer.cancel();
    if (this.#setup.renewsAhead?.() ?? true) this.fetchAhead('scheduled');
  }

  /** This token was refused, or must not be used any more: it is not obtained from another process again. */
  refuse(accessToken: string): void {
    this.#setup.provider.refuse?.(accessToken);
  }

  /** Drops the cached token if it is this one. */
  clear(accessToken: string): boolean {
    if (!this.#issued || this.#issued.token.value !== accessToken) return false;
    this.#issued = undefined;
    this.plan();
    this.#setup.reporter.invalidated(this.status);
    return true;
  }

  /** Plans the next renewal. */
  plan(): void {
    if (this.#isWanted && !this.#isStopped) this.#timer.plan(this, !!this.#issued, this.#pause);
  }

  /** From here on, no renewal is planned. Tokens can still be obtained. */
  stop(): void {
    this.#isStopped = true;
    this.#timer.cancel();
    this.#setup.provider.stop?.();
  }

  /** From here on, each call rejects with `closed`, those that wait included. */
  close(): void {
    this.stop();
    this.#issued = undefined;
    this.#pause.clear();
    this.#closing.abort();
    this.#setup.reporter.closed(this.status);
  }

  get status(): TokenStatus {
    if (this.#closing.signal.aborted) return { state: 'closed' };
    const { isPaused, lastError } = this.#pause;
    const { issuedAt, expiresAt } = this.#issued?.token ?? {};
    const nextRenewalAt = this.#timer.dueAt;
    const withoutToken = isPaused ? 'blocked' : this.#issued ? 'expired' : 'absent';
    return {
      state: this.current() ? 'valid' : withoutToken,
      ...(issuedAt && { issuedAt, expiresAt }),
      ...(nextRenewalAt && { nextRenewalAt }),
      ...(lastError && { lastError }),
      ...(isPaused && lastError?.retryAt && { blockedUntil: lastError.retryAt }),
    };
  }

  async #waitFor(reason: TokenRequestReason, wait: WaitOptions, site: CallSite): Promise<string> {
    const { options, reporter } = this.#setup;
    this.#waiting++;
    try {
      checkWait(wait);
      const token = await untilCallerLeaves(this.#next(reason), wait, options.account);
      // The application may have shut down since the token was issued.
      if (this.#closing.signal.aborted) throw closedError(options.account);
      if (token) return token.value;
      reporter.rejected(this.status);
      throw this.#pause.lastError;
    } catch (error) {
      const isOurs = isDokStampError(error) && error !== wait.signal?.reason;
      if (isOurs) beginStackAt(site, error);
      throw error;
    } finally {
      this.#waiting--;
    }
  }

  async #next(reason: TokenRequestReason): Promise<AccessToken | undefined> {
    this.#isWanted = true;
    if (!this.#flight && this.#pause.waitsForCredentials) {
      if (await this.#setup.credentials.reread(this.#closing.signal)) this.#pause.end();
    }
    return this.#fetch(reason);
  }

  /** Joins the request in flight or starts one. It begins in a microtask, after the caller has begun to wait. */
  #fetch(reason: TokenRequestReason): Promise<AccessToken | undefined> | undefined {
    if (this.#closing.signal.aborted) return undefined;
    this.#flight ??= Promise.resolve().then(() => outsideRequest(() => this.#acquire(reason)));
    return this.#flight;
  }

  async #acquire(reason: TokenRequestReason): Promise<AccessToken | undefined> {
    const { clock, provider, use } = this.#setup;
    const closing = this.#closing.signal;
    const startedAt = clock.monotonic();
    const mayRequest = !this.#pause.isPaused;
    const hadFailed = this.#pause.hasFailed;
    const mayRetry = () => !hadFailed && this.#waiting > 0;
    const params = { reason, latest: this.#issued?.token, mayRequest, mayRetry, closing };
    if (mayRequest) use?.begin(this.#waiting === 0);
    const outcome = await provider.obtain(params).catch(asTokenFailure);
    if (mayRequest) use?.end();
    // Ends before events are emitted, so that a listener that requests a token starts a new request.
    this.#flight = undefined;
    if (closing.aborted) return undefined;
    // If the pause has ended while the store was read, the planned renewal has joined this flight: a request is due.
    if (!outcome) return this.#pause.isPaused ? undefined : this.#fetch(reason);
    if (!('token' in outcome)) return this.#fail(outcome);
    return this.#complete(outcome, reason, clock.monotonic() - startedAt);
  }

  #complete(issued: IssuedToken, reason: TokenRequestReason, durationMs: number): AccessToken {
    this.#issued = issued;
    this.#timer.tokenIssued(issued.token);
    this.#pause.clear();
    this.plan();
    this.#setup.reporter.issued(this.status, issued, reason, durationMs);
    return issued.token;
  }

  #fail(failure: TokenFailure): undefined {
    this.#pause.begin(failure);
    this.plan();
    this.#setup.reporter.failed(this.status);
  }
}
