import { SchedulerRegistry } from '@nestjs/schedule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';
import { RenewalTimer } from '../../lib/token/renewal-timer.js';

const NAME = 'dokstamp:token-renewal';
const LONGEST_DELAY = 2 ** 31 - 1;

let registry: SchedulerRegistry;
let timer: RenewalTimer;
const renew = vi.fn();

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  renew.mockReset();
  registry = new SchedulerRegistry();
  timer = new RenewalTimer(registry, NAME, SYSTEM_CLOCK, renew);
});

afterEach(() => {
  // In this order: a spy on a fake timer would put the fake one back.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const inMs = (ms: number) => new Date(Date.now() + ms);

describe('a planned renewal', () => {
  it('is listed by its name, and tells when it is due', () => {
    expect(timer.dueAt).toBeUndefined();
    timer.plan(60_000);
    expect(registry.getTimeouts()).toEqual([NAME]);
    expect(timer.dueAt).toEqual(inMs(60_000));
  });

  it('happens once, when it is due', () => {
    timer.plan(60_000);
    vi.advanceTimersByTime(59_999);
    expect(renew).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(renew).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(600_000);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('is forgotten after firing, and before the renewal begins', () => {
    let listed: string[] | undefined;
    let dueAt: Date | undefined;
    renew.mockImplementation(() => {
      listed = registry.getTimeouts();
      ({ dueAt } = timer);
    });
    timer.plan(1_000);
    vi.advanceTimersByTime(1_000);
    expect(listed).toEqual([]);
    expect(dueAt).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may plan the next one, under the same name', () => {
    renew.mockImplementationOnce(() => timer.plan(2_000));
    timer.plan(1_000);
    vi.advanceTimersByTime(1_000);
    expect(registry.getTimeouts()).toEqual([NAME]);
    expect(timer.dueAt).toEqual(inMs(2_000));
    vi.advanceTimersByTime(2_000);
    expect(renew).toHaveBeenCalledTimes(2);
  });

  it('takes the place of the one before', () => {
    timer.plan(1_000);
    timer.plan(5_000);
    expect(registry.getTimeouts()).toEqual([NAME]);
    expect(timer.dueAt).toEqual(inMs(5_000));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(4_999);
    expect(renew).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('can be cancelled, more than once', () => {
    timer.plan(1_000);
    timer.cancel();
    timer.cancel();
    expect(registry.getTimeouts()).toEqual([]);
    expect(timer.dueAt).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect(renew).not.toHaveBeenCalled();
  });

  it('may be due at once', () => {
    timer.plan(0);
    expect(renew).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('stands beside that of another account', () => {
    const renewOther = vi.fn();
    const other = new RenewalTimer(registry, 'dokstamp:eu:token-renewal', SYSTEM_CLOCK, renewOther);
    timer.plan(1_000);
    other.plan(2_000);
    expect(registry.getTimeouts()).toEqual([NAME, 'dokstamp:eu:token-renewal']);
    timer.cancel();
    expect(registry.getTimeouts()).toEqual(['dokstamp:eu:token-renewal']);
    vi.advanceTimersByTime(2_000);
    expect([renew, renewOther].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
  });

  it('never keeps the process alive', () => {
    vi.useRealTimers();
    timer.plan(60_000);
    const listed: NodeJS.Timeout = registry.getTimeout(NAME);
    expect(listed.hasRef()).toBe(false);
    timer.cancel();
  });
});

describe('a delay beyond 2^31-1 ms', () => {
  it('is waited for in parts, listed all the while', () => {
    const delay = 2 * LONGEST_DELAY + 5_000;
    const dueAt = inMs(delay);
    timer.plan(delay);
    for (const part of [LONGEST_DELAY, LONGEST_DELAY, 4_999]) {
      expect(registry.getTimeouts()).toEqual([NAME]);
      expect(timer.dueAt).toEqual(dueAt);
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(part);
      expect(renew).not.toHaveBeenCalled();
    }
    vi.advanceTimersByTime(1);
    expect(renew).toHaveBeenCalledTimes(1);
    expect(registry.getTimeouts()).toEqual([]);
  });

  it('does not keep the process alive in a later part either', () => {
    const unref = vi.fn();
    const original = globalThis.setTimeout;
    vi.spyOn(globalThis, 'setTimeout').mockImplementation((run, ms) => {
      const handle = original(run, ms);
      vi.spyOn(handle, 'unref').mockImplementation(() => {
        unref();
        return handle;
      });
      return handle;
    });
    timer.plan(LONGEST_DELAY + 1);
    vi.advanceTimersByTime(LONGEST_DELAY);
    expect(unref).toHaveBeenCalledTimes(2);
  });

  it('can be cancelled in a later part', () => {
    timer.plan(LONGEST_DELAY + 1_000);
    vi.advanceTimersByTime(LONGEST_DELAY);
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
    expect(registry.getTimeouts()).toEqual([]);
  });

  it.each([LONGEST_DELAY, LONGEST_DELAY + 1])('is not when it is just %d ms', (delay) => {
    timer.plan(delay);
    vi.advanceTimersByTime(delay - 1);
    expect(renew).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it.each([1e15, 1e18, Number.MAX_VALUE])('may be longer than a Date can tell: %d ms', (delay) => {
    timer.plan(delay);
    expect(timer.dueAt?.getTime()).toBeLessThanOrEqual(8.64e15);
    expect(() => timer.dueAt?.toISOString()).not.toThrow();
    timer.cancel();
  });
});

describe('when the renewal is due, as told', () => {
  it('stays the same while time passes', () => {
    const dueAt = inMs(60_000);
    timer.plan(60_000);
    vi.advanceTimersByTime(59_999);
    expect(timer.dueAt).toEqual(dueAt);
  });

  it('moves with a wall clock that is set, as the timer does not', () => {
    timer.plan(60_000);
    for (const jump of [3_600_000, -2 * 3_600_000]) {
      vi.setSystemTime(Date.now() + jump);
      expect(timer.dueAt).toEqual(inMs(60_000));
    }
    vi.advanceTimersByTime(59_999);
    expect(renew).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(renew).toHaveBeenCalledTimes(1);
  });
});

describe('where the timers are those of a browser (jsdom), whose handles are numbers', () => {
  beforeEach(() => {
    const start = globalThis.setTimeout;
    const stop = globalThis.clearTimeout;
    const handles: NodeJS.Timeout[] = [];
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms: number) =>
      handles.push(start(run, ms))) as never);
    vi.spyOn(globalThis, 'clearTimeout').mockImplementation(((handle?: number) => {
      if (typeof handle === 'number') stop(handles[handle - 1]);
    }) as never);
  });

  it('the renewal is listed, and happens when it is due', () => {
    timer.plan(1_000);
    expect(registry.getTimeout(NAME)).toBeTypeOf('number');
    vi.advanceTimersByTime(1_000);
    expect(renew).toHaveBeenCalledTimes(1);
    expect(registry.getTimeouts()).toEqual([]);
  });

  it('it may be planned anew and cancelled', () => {
    timer.plan(1_000);
    timer.plan(2_000);
    expect(vi.getTimerCount()).toBe(1);
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
    expect(registry.getTimeouts()).toEqual([]);
  });

  it('it is waited for in parts', () => {
    timer.plan(LONGEST_DELAY + 1_000);
    vi.advanceTimersByTime(LONGEST_DELAY);
    expect(registry.getTimeouts()).toEqual([NAME]);
    vi.advanceTimersByTime(1_000);
    expect(renew).toHaveBeenCalledTimes(1);
  });
});

describe('the host', () => {
  it('keeps a timeout of its own under the same name; ours runs unlisted', () => {
    const own = vi.fn();
    const handle = setTimeout(own, 10_000);
    registry.addTimeout(NAME, handle);
    timer.plan(1_000);
    expect(registry.getTimeout(NAME)).toBe(handle);
    expect(timer.dueAt).toEqual(inMs(1_000));
    vi.advanceTimersByTime(1_000);
    expect(renew).toHaveBeenCalledTimes(1);
    expect(registry.getTimeout(NAME)).toBe(handle);
    timer.plan(1_000);
    timer.cancel();
    expect(registry.getTimeout(NAME)).toBe(handle);
    vi.advanceTimersByTime(10_000);
    expect(own).toHaveBeenCalledTimes(1);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('keeps it also where ours, unlisted, is planned anew: that one takes the place of the one before', () => {
    registry.addTimeout(
      NAME,
      setTimeout(() => {}, 10_000),
    );
    timer.plan(1_000);
    timer.plan(2_000);
    vi.advanceTimersByTime(1_999);
    expect(renew).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('may delete ours: it is then neither renewed nor a fault, and can be planned anew', () => {
    timer.plan(1_000);
    registry.deleteTimeout(NAME);
    vi.advanceTimersByTime(10_000);
    expect(renew).not.toHaveBeenCalled();
    expect(() => timer.cancel()).not.toThrow();
    timer.plan(1_000);
    expect(registry.getTimeouts()).toEqual([NAME]);
    vi.advanceTimersByTime(1_000);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('may delete ours and put its own there: that one is not touched', () => {
    timer.plan(1_000);
    registry.deleteTimeout(NAME);
    const own = setTimeout(() => {}, 10_000);
    registry.addTimeout(NAME, own);
    timer.cancel();
    timer.plan(500);
    timer.cancel();
    expect(registry.getTimeout(NAME)).toBe(own);
  });

  it('may empty the registry at shutdown, before we cancel', () => {
    timer.plan(1_000);
    for (const name of registry.getTimeouts()) registry.deleteTimeout(name);
    expect(() => timer.cancel()).not.toThrow();
    expect(vi.getTimerCount()).toBe(0);
  });
});
