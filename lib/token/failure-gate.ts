import type { DokStampError } from '../errors/dokstamp.error.js';
import { gateClosedFor, isRefusal } from './backoff-policy.js';
import type { Clock } from './clock.js';

/**
 * Stands before the token endpoint: closes after a failed acquisition, remembers the error, and opens by itself
 * when its time is over. Timed on the monotonic clock, so that a wall clock which jumps neither opens nor locks it.
 */
export class FailureGate {
  readonly #clock: Clock;
  #error: DokStampError | undefined;
  #opensAt = 0;
  #outages = 0;
  #refusals = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The error to reject with while the gate is closed. */
  get closedWith(): DokStampError | undefined {
    // Within the last millisecond it is open: a Date tells no less, and nobody who comes at retryAt is too early.
    return this.remainingMs >= 1 ? this.#error : undefined;
  }

  /** The last failure since the last success, whether the gate is closed or not. */
  get lastError(): DokStampError | undefined {
    return this.#error;
  }

  /** Until the gate opens, in ms; 0 when it is open. */
  get remainingMs(): number {
    return this.#error ? Math.max(0, this.#opensAt - this.#clock.monotonic()) : 0;
  }

  /** Whether another pair of credentials would open the gate. */
  get waitsForCredentials(): boolean {
    return this.#error !== undefined && isRefusal(this.#error.code);
  }

  /** Closes the gate, for as long as the server asked (`retryAt`) or the backoff says; returns the error with `retryAt`. */
  close(error: DokStampError): DokStampError {
    const now = this.#clock.now();
    const before = isRefusal(error.code) ? this.#refusals++ : this.#outages++;
    const closedFor = error.retryAt
      ? error.retryAt.getTime() - now
      : Math.ceil(gateClosedFor(error.code, before));
    this.#opensAt = this.#clock.monotonic() + closedFor;
    this.#error = error.with({ retryAt: new Date(now + closedFor) });
    return this.#error;
  }

  /** Another pair is at hand: opens the gate. The error stays the last one until that pair has been tried. */
  open(): void {
    this.#opensAt = 0;
    this.#refusals = 0;
  }

  /** A token came: every failure is forgotten. */
  reset(): void {
    this.#error = undefined;
    this.#outages = 0;
    this.#refusals = 0;
  }
}
