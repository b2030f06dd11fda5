import type { Clock } from './clock.js';

// The last moment a Date can hold; "ten to the twelfth seconds" stays a date.
const LATEST = 8.64e15;

// What the two clocks differ by without a jump.
const DRIFT_MS = 1_000;

/**
 * A future time on the monotonic clock, so that a wall clock that jumps does not move it. `date` is computed from the
 * current wall clock, so that it is not in the past after that was set or the machine slept.
 */
export class Moment {
  readonly #clock: Clock;
  readonly #at: number;
  readonly #told: number;

  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#at = clock.monotonic() + delayMs;
    this.#told = clock.now() + delayMs;
  }

  /** In ms; 0 when it has come. */
  get remainingMs(): number {
    return Math.max(0, this.#at - this.#clock.monotonic());
  }

  get date(): Date {
    const now = this.#clock.now();
    const left = this.remainingMs;
    const hasJumped = Math.abs(now + left - this.#told) > DRIFT_MS;
    const told = left > 0 && hasJumped ? now + left : this.#told;
    return new Date(Math.min(left > 0 ? Math.max(told, now) : told, LATEST));
  }
}
