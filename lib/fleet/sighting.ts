import type { Clock } from '../async/clock.js';

/** What one wait has seen under a key: since when the present value can have been there. */
export class Sighting {
  #value: string | undefined;
  #absentAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  /** For how long the value can have been there at most, ms; Infinity where it was there at the first look. */
  get appearedWithinMs(): number {
    return this.clock.monotonic() - this.#absentAt;
  }

  /** @param lookedAt when the store was asked, monotonic */
  saw(value: string | undefined, lookedAt: number): void {
    if (value !== this.#value) this.#absentAt = this.#lookedAt;
    this.#value = value;
    this.#lookedAt = lookedAt;
  }
}
