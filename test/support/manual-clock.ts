import type { Clock } from '../../lib/async/clock.js';

/** A frozen clock. `advance` moves both times; a test can set each of them. */
export class ManualClock implements Clock {
  wall = Date.parse('2026-01-01T00:00:00Z');
  mono = 1_000;
  chance = 0;

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.mono;
  }

  random(): number {
    return this.chance;
  }

  advance(ms: number): void {
    this.wall += ms;
    this.mono += ms;
  }
}
