import type { Clock } from '../async/clock.js';
import { Moment } from '../async/moment.js';
import { withDetails } from '../errors/dokstamp.error.js';
import type { TokenFailure } from '../errors/token-failure.js';
import { pauseAfter, policyFor } from './failure-policy.js';

/** After a failed acquisition, no token request is made for a while. Remembers the failure and until when. */
export class RequestPause {
  #failure: TokenFailure | undefined;
  #until: Moment | undefined;
  #outages = 0;
  #refusals = 0;

  constructor(
    private readonly clock: Clock,
    private readonly account: string | undefined,
  ) {}

  get isPaused(): boolean {
    // A Date has no fraction of a millisecond: a call that arrives at `retryAt` is not too early.
    return this.remainingMs >= 1;
  }

  get remainingMs(): number {
    return this.#until?.remainingMs ?? 0;
  }

  /** Whether the last acquisition failed, whether the pause is over or not. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** A new error for each caller, because axios adds its caller's stack to the one that it gets. */
  get lastError(): TokenFailure | undefined {
    if (!this.#failure) return undefined;
    return withDetails(this.#failure, { retryAt: this.#until?.date, account: this.account });
  }

  /** Whether other credentials would end the pause. */
  get waitsForCredentials(): boolean {
    return this.isPaused && this.#failure !== undefined && policyFor(this.#failure.code).isRefusal;
  }

  /** Pauses for as long as the server asks (`retryAt`), or as the policy says. */
  begin(failure: TokenFailure): void {
    const policy = policyFor(failure.code);
    const failuresBefore = policy.isRefusal ? this.#refusals++ : this.#outages++;
    const askedMs = (failure.retryAt?.getTime() ?? 0) - this.clock.now();
    this.#until = new Moment(
      this.clock,
      askedMs > 0 ? askedMs : pauseAfter(policy, failuresBefore),
    );
    this.#failure = failure;
  }

  /** Other credentials are available. The error stays the last one until they have been tried. */
  end(): void {
    this.#until = undefined;
    this.#refusals = 0;
  }

  /** A token was issued: forgets every failure. */
  clear(): void {
    this.end();
    this.#failure = undefined;
    this.#outages = 0;
  }
}
