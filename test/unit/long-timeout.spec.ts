import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTimeout } from '../../lib/async/long-timeout.js';

const LONGEST_DELAY = 2 ** 31 - 1;

const fire = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  fire.mockReset();
});

afterEach(() => {
  // In this order: a spy on a fake timer would put the fake one back.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('a timeout of any length', () => {
  it.each([1, 60_000, LONGEST_DELAY - 1, LONGEST_DELAY, LONGEST_DELAY + 1, 2 ** 32, 2 ** 33 + 5])(
    'fires once, after %d ms and not before',
    (delayMs) => {
      startTimeout(delayMs, fire);
      vi.advanceTimersByTime(delayMs - 1);
      expect(fire).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(fire).toHaveBeenCalledTimes(1);
      expect(vi.getTimerCount()).toBe(0);
      vi.advanceTimersByTime(LONGEST_DELAY);
      expect(fire).toHaveBeenCalledTimes(1);
    },
  );

  it('fires in a turn of its own, also where the delay is nothing', () => {
    startTimeout(0, fire);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it.each([1e15, Number.MAX_VALUE, Infinity])(
    'never takes more than one timer, and no delay that a timer does not take: %d ms',
    (delayMs) => {
      const started = vi.spyOn(globalThis, 'setTimeout');
      const stop = startTimeout(delayMs, fire);
      for (let part = 1; part <= 4; part++) {
        expect(vi.getTimerCount()).toBe(1);
        expect(started).toHaveBeenCalledTimes(part);
        expect(started.mock.lastCall?.[1]).toBe(LONGEST_DELAY);
        vi.advanceTimersByTime(LONGEST_DELAY);
      }
      stop();
      expect(vi.getTimerCount()).toBe(0);
      expect(fire).not.toHaveBeenCalled();
    },
  );

  it.each([1_000, LONGEST_DELAY + 1_000])('can be ended before it fires: %d ms', (delayMs) => {
    const stop = startTimeout(delayMs, fire);
    vi.advanceTimersByTime(delayMs - 1);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(LONGEST_DELAY);
    expect(fire).not.toHaveBeenCalled();
  });

  it('can be ended when it has fired, and more than once', () => {
    const stop = startTimeout(1_000, fire);
    vi.advanceTimersByTime(1_000);
    const other = startTimeout(1_000, fire);
    stop();
    stop();
    vi.advanceTimersByTime(1_000);
    expect(fire).toHaveBeenCalledTimes(2);
    other();
  });

  it('tells the handle of each part, the first one before it returns', () => {
    const handles: NodeJS.Timeout[] = [];
    startTimeout(2 * LONGEST_DELAY + 1, fire, (handle) => handles.push(handle));
    expect(handles).toHaveLength(1);
    vi.advanceTimersByTime(LONGEST_DELAY);
    expect(handles).toHaveLength(2);
    vi.advanceTimersByTime(LONGEST_DELAY);
    expect(new Set(handles).size).toBe(3);
    clearTimeout(handles[2]);
    vi.advanceTimersByTime(LONGEST_DELAY);
    expect(fire).not.toHaveBeenCalled();
  });
});
