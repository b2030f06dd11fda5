import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onAbort, orAborted, pause, timeLimit } from '../../lib/async/abort.js';
import { deferred, uncaughtDuring } from '../support/deferred.js';

const LONGEST_DELAY = 2 ** 31 - 1;

let controller: AbortController;
let signal: AbortSignal;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  controller = new AbortController();
  ({ signal } = controller);
});

afterEach(() => {
  vi.useRealTimers();
});

/** What is left of the work of a test: listeners to the signal, and timers. */
const left = () => ({
  listeners: getEventListeners(signal, 'abort').length,
  timers: vi.getTimerCount(),
});

const NOTHING = { listeners: 0, timers: 0 };

describe('listening to a signal', () => {
  it('is called back once, when the signal is aborted', () => {
    const call = vi.fn();
    onAbort(signal, call);
    expect(call).not.toHaveBeenCalled();
    controller.abort();
    controller.abort();
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('is called back at once where the signal is aborted, and leaves no listener', () => {
    controller.abort();
    const call = vi.fn();
    const stop = onAbort(signal, call);
    expect(call).toHaveBeenCalledTimes(1);
    expect(left()).toEqual(NOTHING);
    expect(() => stop()).not.toThrow();
  });

  it('is one listener, however many listen: Node.js warns of a leak from the eleventh on', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    const calls = Array.from({ length: 50 }, () => vi.fn());
    for (const call of calls) onAbort(signal, call);
    expect(left().listeners).toBe(1);
    await setImmediate();
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
    controller.abort();
    for (const call of calls) expect(call).toHaveBeenCalledTimes(1);
  });

  it('calls back in the order in which they began to listen', () => {
    const called: number[] = [];
    for (const nth of [1, 2, 3]) onAbort(signal, () => called.push(nth));
    controller.abort();
    expect(called).toEqual([1, 2, 3]);
  });

  it('can be stopped by each for itself; the listener is removed with the last', () => {
    const calls = [vi.fn(), vi.fn()];
    const [stopFirst, stopSecond] = calls.map((call) => onAbort(signal, call));
    stopFirst?.();
    expect(left().listeners).toBe(1);
    stopSecond?.();
    expect(left()).toEqual(NOTHING);
    controller.abort();
    for (const call of calls) expect(call).not.toHaveBeenCalled();
  });

  it('can be stopped more than once; whoever listens by then goes on', () => {
    const stop = onAbort(signal, vi.fn());
    stop();
    const call = vi.fn();
    onAbort(signal, call);
    stop();
    onAbort(signal, vi.fn());
    expect(left().listeners).toBe(1);
    controller.abort();
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('can be stopped after the signal, without an error', () => {
    const stop = onAbort(signal, vi.fn());
    controller.abort();
    stop();
    expect(left()).toEqual(NOTHING);
  });

  it('is not called back where another one, called before, has stopped it', () => {
    const call = vi.fn();
    let stop = () => {};
    onAbort(signal, () => stop());
    stop = onAbort(signal, call);
    controller.abort();
    expect(call).not.toHaveBeenCalled();
  });

  it('may stop itself while being called, and those after it are called', () => {
    const call = vi.fn();
    const stop = onAbort(signal, () => stop());
    onAbort(signal, call);
    controller.abort();
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('may begin while another one is being called: called back at once', () => {
    const call = vi.fn();
    onAbort(signal, () => void onAbort(signal, call));
    controller.abort();
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('does not mix signals', () => {
    const call = vi.fn();
    onAbort(signal, call);
    const other = new AbortController();
    onAbort(other.signal, vi.fn());
    other.abort();
    expect(call).not.toHaveBeenCalled();
  });
});

describe('the result of work, or the reason where the signal comes first', () => {
  const reason = vi.fn(() => new Error('too late'));

  beforeEach(() => {
    reason.mockClear();
  });

  it('is the result where that comes first', async () => {
    const { promise, resolve } = deferred<string>();
    const result = orAborted(promise, signal, reason);
    resolve('done');
    expect(await result).toBe('done');
    await vi.advanceTimersByTimeAsync(0);
    controller.abort();
    expect(reason).not.toHaveBeenCalled();
  });

  it('is the failure where that comes first', async () => {
    const failure = new Error('failed');
    await expect(orAborted(Promise.reject(failure), signal, reason)).rejects.toBe(failure);
    expect(reason).not.toHaveBeenCalled();
  });

  it('is the reason where the signal comes first, at once', async () => {
    const result = orAborted(deferred().promise, signal, reason);
    controller.abort('the signal’s own reason');
    await expect(result).rejects.toThrow('too late');
  });

  it('is the reason where the signal was aborted before, whatever the work brings', async () => {
    controller.abort();
    await expect(orAborted(Promise.resolve('done'), signal, reason)).rejects.toThrow('too late');
  });

  it.each(['resolve', 'reject'] as const)(
    'leaves no listener behind when the work does %s',
    async (how) => {
      const work = deferred();
      const result = orAborted(work.promise, signal, reason);
      expect(left().listeners).toBe(1);
      work[how]();
      await result.catch(() => {});
      await vi.advanceTimersByTimeAsync(0);
      expect(left()).toEqual(NOTHING);
    },
  );

  it('makes no unhandled rejection of work that fails after the signal', async () => {
    const uncaught = await uncaughtDuring(async () => {
      const { promise, reject } = deferred();
      const result = expect(orAborted(promise, signal, reason)).rejects.toThrow('too late');
      controller.abort();
      await result;
      reject(new Error('nobody looks'));
    });
    expect(uncaught).toEqual([]);
  });
});

describe('a time limit', () => {
  it.each([50, LONGEST_DELAY + 50])('is a signal that is aborted after %d ms', (ms) => {
    const limit = timeLimit(ms, signal);
    vi.advanceTimersByTime(ms - 1);
    expect(limit.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(limit.signal.aborted).toBe(true);
  });

  it('is aborted with the outer signal, and with no other', () => {
    const limit = timeLimit(50, signal);
    const other = timeLimit(50, new AbortController().signal);
    controller.abort();
    expect(limit.signal.aborted).toBe(true);
    expect(other.signal.aborted).toBe(false);
  });

  it('does not abort the outer signal', () => {
    timeLimit(50, signal);
    vi.advanceTimersByTime(50);
    expect(signal.aborted).toBe(false);
  });

  it('is over at once where the outer signal was aborted before', () => {
    controller.abort();
    const limit = timeLimit(50, signal);
    expect(limit.signal.aborted).toBe(true);
    limit.end();
    expect(left()).toEqual(NOTHING);
  });

  it.each([
    ['before it is over', () => {}],
    ['when it is over', () => vi.advanceTimersByTime(50)],
    ['when the outer signal was aborted', () => controller.abort()],
  ])('leaves nothing behind when it is ended %s', (_, happens) => {
    const limit = timeLimit(50, signal);
    expect(left()).toEqual({ listeners: 1, timers: 1 });
    happens();
    limit.end();
    limit.end();
    expect(left()).toEqual(NOTHING);
  });

  it('that was ended is aborted no more', () => {
    const limit = timeLimit(50, signal);
    limit.end();
    vi.advanceTimersByTime(50);
    controller.abort();
    expect(limit.signal.aborted).toBe(false);
  });
});

describe('a pause', () => {
  it.each([0, 50, LONGEST_DELAY + 50])('lasts %d ms, and leaves nothing behind', async (ms) => {
    const over = vi.fn();
    void pause(ms, signal).then(over);
    await vi.advanceTimersByTimeAsync(Math.max(0, ms - 1));
    expect(over).toHaveBeenCalledTimes(ms === 0 ? 1 : 0);
    await vi.advanceTimersByTimeAsync(1);
    expect(over).toHaveBeenCalledTimes(1);
    expect(left()).toEqual(NOTHING);
  });

  it('ends with the signal, and is no failure', async () => {
    const pausing = pause(60_000, signal);
    controller.abort(new Error('closed'));
    await expect(pausing).resolves.toBeUndefined();
    expect(left()).toEqual(NOTHING);
  });

  it('is none where the signal was aborted before', async () => {
    controller.abort();
    await pause(60_000, signal);
    expect(left()).toEqual(NOTHING);
  });
});
