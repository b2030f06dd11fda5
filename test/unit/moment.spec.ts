import { describe, expect, it } from 'vitest';
import { Moment } from '../../lib/async/moment.js';
import { ManualClock } from '../support/manual-clock.js';
import { fc } from '../support/properties.js';

function inMs(delayMs: number) {
  const clock = new ManualClock();
  return { clock, moment: new Moment(clock, delayMs), told: new Date(clock.wall + delayMs) };
}

describe('a moment to come', () => {
  it('is told as a date, and by what is left until it', () => {
    const { clock, moment, told } = inMs(60_000);
    expect(moment.remainingMs).toBe(60_000);
    expect(moment.date).toEqual(told);
    clock.advance(59_999);
    expect(moment.remainingMs).toBe(1);
    expect(moment.date).toEqual(told);
  });

  it('has come when nothing is left, and stays told as what it was', () => {
    const { clock, moment, told } = inMs(60_000);
    clock.advance(60_000);
    expect(moment.remainingMs).toBe(0);
    clock.advance(3_600_000);
    expect(moment.remainingMs).toBe(0);
    expect(moment.date).toEqual(told);
  });

  it('may be now', () => {
    const { moment, told } = inMs(0);
    expect(moment.remainingMs).toBe(0);
    expect(moment.date).toEqual(told);
  });

  it('is not moved by a wall clock that jumps, and is told by the wall clock of now', () => {
    const { clock, moment } = inMs(60_000);
    for (const jump of [86_400_000, -2 * 86_400_000]) {
      clock.wall += jump;
      expect(moment.remainingMs).toBe(60_000);
      expect(moment.date).toEqual(new Date(clock.wall + 60_000));
    }
  });

  it('is put off by a machine that slept while the monotonic clock stood still, and is not told as past', () => {
    const { clock, moment } = inMs(60_000);
    clock.advance(20_000);
    clock.wall += 3_600_000;
    expect(moment.remainingMs).toBe(40_000);
    expect(moment.date).toEqual(new Date(clock.wall + 40_000));
  });

  it('is told as the same date all the while, though the two clocks drift apart a little', () => {
    const { clock, moment, told } = inMs(60_000);
    for (let second = 0; second < 50; second++) {
      clock.wall += 1_000;
      clock.mono += 1_000 + (second % 2 ? 0.7 : -0.3);
      expect(moment.date).toEqual(told);
    }
  });

  it.each([8.64e15, 1e18, Number.MAX_VALUE])('stays a date in %d ms', (delayMs) => {
    const { clock, moment } = inMs(delayMs);
    expect(() => moment.date.toISOString()).not.toThrow();
    clock.wall += 86_400_000;
    expect(() => moment.date.toISOString()).not.toThrow();
    expect(moment.remainingMs).toBeGreaterThan(0);
  });

  it('is never told as past while something is left, however the wall clock moves', () => {
    const moves = fc.array(fc.record({ wall: fc.integer(), both: fc.nat(20_000) }), {
      maxLength: 10,
    });
    const steps = fc.array(
      fc.record({ wall: fc.integer({ min: -2_000, max: 2_000 }), both: fc.nat(20_000) }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(fc.nat(60_000), fc.oneof(moves, steps), (delayMs, all) => {
        const { clock, moment } = inMs(delayMs);
        for (const { wall, both } of all) {
          clock.wall += wall;
          clock.advance(both);
          if (moment.remainingMs === 0) return;
          expect(moment.date.getTime()).toBeGreaterThanOrEqual(clock.wall);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is told within a second of when it comes, however the wall clock moves', () => {
    const moves = fc.array(fc.record({ wall: fc.integer(), both: fc.nat(20_000) }), {
      maxLength: 10,
    });
    fc.assert(
      fc.property(fc.nat(60_000), moves, (delayMs, all) => {
        const { clock, moment } = inMs(delayMs);
        for (const { wall, both } of all) {
          clock.wall += wall;
          clock.advance(both);
          if (moment.remainingMs === 0) return;
          const error = moment.date.getTime() - (clock.wall + moment.remainingMs);
          expect(Math.abs(error)).toBeLessThanOrEqual(1_000);
        }
      }),
    );
  });
});
