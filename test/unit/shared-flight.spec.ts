import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampConfigError } from '../../lib/index.js';
import { SharedFlight, checkWait } from '../../lib/token/shared-flight.js';

const LONGEST_DELAY = 2 ** 31 - 1;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}

/** A flight that lands when it is told to. */
function flight() {
  const landing = withResolvers<string>();
  const runs: (() => boolean)[] = [];
  const shared = new SharedFlight((isAwaited) => {
    runs.push(isAwaited);
    return landing.promise;
  });
  return { shared, landing, runs };
}

/** Lets promises settle while time stands. */
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('a flight', () => {
  it('is one piece of work for any number of waiters', async () => {
    const { shared, landing, runs } = flight();
    const waiters = [shared.wait({}), shared.wait({}), shared.wait({ timeout: 1_000 })];
    landing.resolve('token_1');
    expect(await Promise.all(waiters)).toEqual(['token_1', 'token_1', 'token_1']);
    expect(runs).toHaveLength(1);
  });

  it('starts after whoever made it could join, also when nobody joins', async () => {
    const { runs } = flight();
    expect(runs).toHaveLength(0);
    await settle();
    expect(runs).toHaveLength(1);
  });

  it('can be waited for after it has landed', async () => {
    const { shared, landing } = flight();
    landing.resolve('token_1');
    await settle();
    expect(await shared.wait({})).toBe('token_1');
    expect(await shared.wait({ timeout: 5, signal: new AbortController().signal })).toBe('token_1');
  });

  it('knows whether anybody waits for it', async () => {
    const { shared, landing, runs } = flight();
    await settle();
    const isAwaited = runs[0]!;
    expect(isAwaited()).toBe(false);
    const patient = shared.wait({});
    const impatient = shared.wait({ timeout: 10 });
    impatient.catch(() => {});
    expect(isAwaited()).toBe(true);
    await vi.advanceTimersByTimeAsync(10);
    expect(isAwaited()).toBe(true);
    landing.resolve('token_1');
    await patient;
    await settle();
    expect(isAwaited()).toBe(false);
  });

  it('fails for all who wait', async () => {
    const { shared, landing } = flight();
    const waiters = Promise.allSettled([shared.wait({}), shared.wait({ timeout: 10 })]);
    const reason = new Error('no token');
    landing.reject(reason);
    expect(await waiters).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
  });

  it('also fails where the work throws at once', async () => {
    const shared = new SharedFlight(() => {
      throw new Error('at once');
    });
    await expect(shared.wait({})).rejects.toThrow('at once');
  });

  it('that fails with nobody waiting is no unhandled rejection', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { shared, landing } = flight();
    const left = shared.wait({ timeout: 1 });
    const leaving = expect(left).rejects.toMatchObject({ code: 'token_wait_timeout' });
    await vi.advanceTimersByTimeAsync(1);
    await leaving;
    landing.reject(new Error('too late'));
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('one waiter', () => {
  it('whose timeout is over leaves alone, with token_wait_timeout', async () => {
    const { shared, landing } = flight();
    const patient = shared.wait({});
    const impatient = shared.wait({ timeout: 50 });
    const leaving = expect(impatient).rejects.toMatchObject({
      name: 'DokStampError',
      code: 'token_wait_timeout',
      retryable: true,
      message: expect.stringContaining('50 ms'),
    });
    await vi.advanceTimersByTimeAsync(50);
    await leaving;
    landing.resolve('token_1');
    expect(await patient).toBe('token_1');
  });

  it('whose signal is aborted leaves alone, with the reason of the signal', async () => {
    const { shared, landing } = flight();
    const patient = shared.wait({});
    const controller = new AbortController();
    const leaving = expect(shared.wait({ signal: controller.signal })).rejects.toBe('gone');
    controller.abort('gone');
    await leaving;
    landing.resolve('token_1');
    expect(await patient).toBe('token_1');
  });

  it('leaves nothing behind: no timer, no listener', async () => {
    const { shared, landing } = flight();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const waiter = shared.wait({ signal, timeout: 60_000 });
    expect(vi.getTimerCount()).toBe(1);
    landing.resolve('token_1');
    await waiter;
    await settle();
    expect(vi.getTimerCount()).toBe(0);
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).toHaveBeenCalledWith('abort', added.mock.calls[0]![1]);
  });

  it.each([LONGEST_DELAY + 1, 1e12, Infinity])(
    'may be willing to wait longer than a timer takes: %d ms',
    async (timeout) => {
      const { shared, landing } = flight();
      const waiter = shared.wait({ timeout });
      await vi.advanceTimersByTimeAsync(1_000);
      landing.resolve('token_1');
      expect(await waiter).toBe('token_1');
    },
  );
});

describe('what a caller says of its wait', () => {
  it.each([{}, { timeout: 1 }, { timeout: 0.5 }, { timeout: Infinity }, { timeout: undefined }])(
    'may be %j',
    (wait) => {
      expect(() => checkWait(wait)).not.toThrow();
    },
  );

  it.each([0, -1, Number.NaN, -Infinity])('may not be a timeout of %s', (timeout) => {
    expect(() => checkWait({ timeout })).toThrow(DokStampConfigError);
  });

  it('may not be a signal that is aborted already: its reason is thrown', () => {
    const reason = new Error('gone before');
    expect(() => checkWait({ signal: AbortSignal.abort(reason) })).toThrow(reason);
  });
});
