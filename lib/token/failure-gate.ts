import { gateClosedFor } from './backoff-policy.js';
import type { Clock } from '../async/clock.js';
import { withDetails } from '../errors/dokstamp.error.js';
import { type TokenFailure, kindOf } from '../errors/failure-kinds.js';
import { Moment } from '../async/moment.js';

/**
 * Stands before the token endpoint: closes after a failed acquisition, remembers the error, and opens by itself
 * when its time is over.
 */
export class FailureGate {
  readonly #clock: Clock;
  #failure: TokenFailure | undefined;
  #opening: Moment | undefined;
  #outages = 0;
  #refusals = 0;

  constructor(
    clock: Clock,
    private readonly account?: string,
  ) {
    this.#clock = clock;
  }

  get isClosed(): boolean {
    // Within the last millisecond it is open: a Date tells no less, and nobody who comes at retryAt is too early.
    return this.remainingMs >= 1;
  }

  /** Whether the last acquisition failed, whether the gate is closed or not. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** The last failure since the last success; `retryAt` is when the gate opens. */
  get lastError(): TokenFailure | undefined {
    return (
      this.#failure &&
      withDetails(this.#failure, { retryAt: this.#opening?.date, account: this.account })
    );
  }

  /** Until the gate opens, in ms; 0 when it is open. */
  get remainingMs(): number {
    return this.#opening?.remainingMs ?? 0;
  }

  /** Whether the gate is closed, and another pair of credentials would open it. */
  get waitsForCredentials(): boolean {
    return this.isClosed && this.#failure !== undefined && kindOf(this.#failure).closing.isRefusal;
  }

  /** Closes the gate, for as long as the server asked (`retryAt`) or the backoff says. */
  close(failure: TokenFailure): void {
    const kind = kindOf(failure);
    const before = kind.closing.isRefusal ? this.#refusals++ : this.#outages++;
    const askedFor = (failure.retryAt?.getTime() ?? 0) - this.#clock.now();
    const closedFor = askedFor > 0 ? askedFor : Math.ceil(gateClosedFor(kind, before));
    this.#opening = new Moment(this.#clock, closedFor);
    this.#failure = failure;
  }

  /** Another pair is at hand: opens the gate if that helps. The error stays the last one until that pair has been tried. */
  open(): void {
    if (!this.waitsForCredentials) return;
    this.#opening = undefined;
    this.#refusals = 0;
  }

  /** A token came: every failure is forgotten. */
  reset(): void {
    this.#failure = undefined;
    this.#opening = undefined;
    this.#outages = 0;
    this.#refusals = 0;
  }
}
