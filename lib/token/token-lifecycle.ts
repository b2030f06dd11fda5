import { DokStampError } from '../errors/dokstamp.error.js';
import type { Clock } from '../async/clock.js';
import { traceTokenWait } from '../diagnostics/channels.js';
import type { AccessToken } from './access-token.js';
import { type WaitOptions, checkWait, untilCallerLeaves } from './caller-wait.js';
import type { CredentialsRecheck } from '../credentials/credentials-recheck.js';
import type { FailureGate } from './failure-gate.js';
import type { RenewalPlanner } from './renewal-planner.js';
import { SingleFlight } from '../async/single-flight.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { Use } from '../async/use.interface.js';
import { asTokenFailure } from './token-acquisition.js';
import type { TokenRequestReason } from './token-event.interface.js';
import type { TokenState } from './token-state.js';
import type { IssuedToken } from './token-endpoint.client.js';
import type { TokenSupply, TokenWish } from './token-supply.interface.js';

type AccountNames = Pick<ResolvedOptions, 'account' | 'observedAs'>;

/** Gets one account's next token, for all who ask: one flight at a time, and none while the gate is closed. */
export class TokenLifecycle {
  readonly #flight = new SingleFlight<AccessToken | undefined>();
  readonly #closing = new AbortController();
  #waiting = 0;

  constructor(
    private readonly state: TokenState,
    private readonly supply: TokenSupply,
    private readonly recheck: CredentialsRecheck,
    private readonly gate: FailureGate,
    private readonly planner: RenewalPlanner,
    private readonly clock: Clock,
    private readonly about: AccountNames,
    private readonly use?: Use,
  ) {}

  /**
   * The current token where `demand` is content with it, else the next one.
   * @throws {DokStampError} at once while the gate is closed
   */
  async get(reason: TokenRequestReason, wait: WaitOptions): Promise<string> {
    checkWait(wait);
    const { state, clock } = this;
    const current = reason === 'demand' ? state.current() : undefined;
    if (current) return current.value;
    return traceTokenWait({ account: this.about.observedAs, reason }, clock, () =>
      this.#waitFor(reason, wait),
    );
  }

  async #waitFor(reason: TokenRequestReason, wait: WaitOptions): Promise<string> {
    const { state, gate } = this;
    this.#waiting++;
    try {
      const next = await untilCallerLeaves(this.#next(reason), wait, this.about.account);
      // Asked last, as the account may have been closed since the answer came.
      if (state.isClosed) throw closedError(this.about.account);
      if (next) return next.value;
      // A new error for each caller: axios adds its caller's stack to each one that passes through.
      throw gate.lastError;
    } finally {
      this.#waiting--;
    }
  }

  /** Fetches a token that nobody waits for. Its failure is told by log and event. */
  fetchAhead(reason: 'startup' | 'scheduled'): void {
    const { state, gate, planner } = this;
    state.want();
    // A timer may fire a little before its time.
    if (gate.isClosed) return state.plan();
    if (!this.#flight.isUnderWay) planner.started();
    void this.#fetch(reason);
  }

  /** This token was refused, or is to be used no more: not from another process either. */
  refuse(accessToken: string): void {
    this.supply.refuse?.(accessToken);
  }

  /** No renewal is planned from here on; tokens can still be had. */
  stop(): void {
    this.state.stop();
    this.supply.stop?.();
  }

  /** The end: whoever waits or comes later is rejected with `closed`. */
  close(): void {
    this.stop();
    this.state.close();
    this.#closing.abort();
  }

  /** The next token; undefined where none can be had. */
  async #next(reason: TokenRequestReason): Promise<AccessToken | undefined> {
    const { state, gate, recheck } = this;
    state.want();
    if (!this.#flight.isUnderWay && gate.waitsForCredentials) {
      if (await recheck.otherPair(this.#closing.signal)) gate.open();
    }
    return this.#fetch(reason);
  }

  /** Joins the flight or starts one; while the gate is closed, only to look for what another process has got. */
  #fetch(reason: TokenRequestReason): Promise<AccessToken | undefined> | undefined {
    const { state, gate, supply } = this;
    if (state.isClosed) return undefined;
    if (this.#flight.isUnderWay || !gate.isClosed) {
      return this.#flight.run((end) => this.#acquire(reason, end));
    }
    const finding = supply.find?.(this.#wish(reason));
    return finding && this.#flight.run((end) => this.#adopt(finding, reason, end));
  }

  async #acquire(reason: TokenRequestReason, end: () => void): Promise<AccessToken | undefined> {
    const { state, supply, clock } = this;
    const startedAt = clock.monotonic();
    this.use?.begin(this.#waiting === 0);
    const outcome = await supply.run(this.#wish(reason)).catch(asTokenFailure);
    this.use?.end();
    // Whoever asks because of what is told now is not served by it.
    end();
    return state.land(outcome, reason, clock.monotonic() - startedAt);
  }

  async #adopt(
    finding: Promise<IssuedToken | undefined>,
    reason: TokenRequestReason,
    end: () => void,
  ): Promise<AccessToken | undefined> {
    const { state, gate, clock } = this;
    const startedAt = clock.monotonic();
    const found = await finding;
    // The planned try may have joined this flight meanwhile, and so made none of its own.
    if (!found && !gate.isClosed) return this.#acquire(reason, end);
    end();
    if (found) return state.land(found, reason, clock.monotonic() - startedAt);
    state.plan();
    return undefined;
  }

  #wish(reason: TokenRequestReason): TokenWish {
    const { state, gate } = this;
    const lastOneWorked = !gate.hasFailed;
    const mayRetry = () => lastOneWorked && this.#waiting > 0;
    return { reason, latest: state.latest, closing: this.#closing.signal, mayRetry };
  }
}

/** The error for who comes after the end. */
export function closedError(account: string | undefined): DokStampError {
  return new DokStampError(
    'closed',
    'The application has shut down; no DokStamp token can be had any more. Create a new application to go on.',
    { account },
  );
}
