import { setImmediate } from 'node:timers/promises';
import { vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';

const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * Fakes time, but not the event loop, so real sockets work. The clock of the library returns 0 for each random number:
 * no jitter. `Math.random` stays as it is, because Nest makes its ids of it.
 */
export function freezeTime(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
    now: Date.parse('2026-01-01T00:00:00Z'),
  });
  drawRandom(0);
}

/** The library draws this random number, in [0, 1), from now on. */
export function drawRandom(value: number): void {
  vi.spyOn(SYSTEM_CLOCK, 'random').mockReturnValue(value);
}

/** Sets the wall clock forward or back. Neither the monotonic clock nor a timer moves. */
export function jumpWallClock(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

/** Runs the event loop, without moving time, until the condition holds. */
export async function waitUntil(condition: () => boolean, turns = 20_000): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn === turns)
      throw new Error(`Not true after ${turns} turns of the event loop: ${String(condition)}`);
    await setImmediate();
  }
}

/** Moves frozen time in steps, and runs the event loop between them. */
export async function advance(ms: number, step = ms): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    await vi.advanceTimersByTimeAsync(Math.min(step, left));
    for (let turn = 0; turn < 30; turn++) await setImmediate();
  }
}

/**
 * Moves frozen time from timer to timer, and runs the event loop after each. With `MemoryDokStamp` all that a timer starts
 * has then happened at the time of that timer. Not to be mixed with a running `advance` or `settle`.
 */
export async function elapse(ms: number): Promise<void> {
  await idle();
  // setTimeout takes no longer delay.
  for (let left = ms; left > 0; left -= LONGEST_DELAY) {
    const end = new AbortController();
    setTimeout(() => end.abort(), Math.min(left, LONGEST_DELAY));
    while (!end.signal.aborted) {
      vi.advanceTimersToNextTimer();
      await idle();
    }
  }
}

/** Runs the event loop for a few turns, without moving time. Timers that are due now fire. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    vi.advanceTimersByTime(0);
    await setImmediate();
  }
}

/** Waits for a call while time is frozen. Timers that are due now fire. */
export async function settle<T>(call: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const end = () => settled.abort();
  call.then(end, end);
  while (!settled.signal.aborted) {
    await vi.advanceTimersByTimeAsync(0);
    await setImmediate();
  }
  return call;
}
