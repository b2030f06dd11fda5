import type { Clock } from '../async/clock.js';
import type { AccessToken } from './access-token.js';
import type { FailureGate } from './failure-gate.js';
import { renewalDueAfter } from './renewal-policy.js';
import type { RenewalTimer } from './renewal-timer.js';

// Renewals that nobody waits for start at least this far apart, whatever lifetime the server gives.
const PAUSE_MS = 1_000;

/** Plans the next renewal that nobody waits for: when the token is due, or after a failure when the gate opens. */
export class RenewalPlanner {
  #startedAt = Number.NEGATIVE_INFINITY;
  #dueAt = 0;

  /** @param renewBeforeExpiry seconds */
  constructor(
    private readonly timer: RenewalTimer,
    private readonly gate: FailureGate,
    private readonly clock: Clock,
    private readonly renewBeforeExpiry: number,
  ) {}

  /** When the next renewal is due; undefined when none is planned. */
  get nextAt(): Date | undefined {
    return this.timer.dueAt;
  }

  /** A renewal that nobody waits for has been started. */
  started(): void {
    this.#startedAt = this.clock.monotonic();
  }

  /** Another token is in use; draws when it is due. */
  issued({ lifetimeMs, sentAt }: AccessToken): void {
    const chance = this.clock.random();
    this.#dueAt = sentAt.monotonic + renewalDueAfter(lifetimeMs, this.renewBeforeExpiry, chance);
  }

  /** Plans the next renewal, in place of whatever was planned. */
  plan(hasToken: boolean): void {
    const now = this.clock.monotonic();
    const untilDue = hasToken ? this.#dueAt - now : 0;
    const delay = this.gate.hasFailed ? this.gate.remainingMs : untilDue;
    this.timer.plan(Math.max(0, delay, this.#startedAt + PAUSE_MS - now));
  }

  cancel(): void {
    this.timer.cancel();
  }
}
