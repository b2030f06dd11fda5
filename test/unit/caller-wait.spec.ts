import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampConfigError } from '../../lib/index.js';
import { checkWait, untilCallerLeaves } from '../../lib/token/caller-wait.js';
import { deferred, uncaughtDuring } from '../support/deferred.js';

const LONGEST_DELAY = 2 ** 31 - 1;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Lets promises settle while time stands. */
const settle = () => vi.advanceTimersByTimeAsync(0);

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

describe('a caller who waits', () => {
  it('gets the result of the shared work', async () => {
    const { promise, resolve } = deferred<string>();
    const { signal } = new AbortController();
    const callers = [{}, { timeout: 1_000 }, { signal }, { signal, timeout: 1_000 }].map((wait) =>
      untilCallerLeaves(promise, wait),
    );
    resolve('token_1');
    expect(await Promise.all(callers)).toEqual(Array(4).fill('token_1'));
  });

  it('gets it also where the work had ended before', async () => {
    const wait = { timeout: 5, signal: new AbortController().signal };
    expect(await untilCallerLeaves(Promise.resolve('token_1'), wait)).toBe('token_1');
  });

  it('costs no promise of its own without a limit', () => {
    const { promise } = deferred<string>();
    expect(untilCallerLeaves(promise, {})).toBe(promise);
    expect(untilCallerLeaves(promise, { signal: undefined, timeout: undefined })).toBe(promise);
  });

  it('is told why the work failed', async () => {
    const { promise, reject } = deferred<string>();
    const reason = new Error('no token');
    const callers = Promise.allSettled([
      untilCallerLeaves(promise, { timeout: 10 }),
      untilCallerLeaves(promise, { signal: new AbortController().signal }),
    ]);
    reject(reason);
    const failed = { status: 'rejected', reason };
    expect(await callers).toEqual([failed, failed]);
  });

  it('whose timeout is over leaves alone, with token_wait_timeout', async () => {
    const { promise, resolve } = deferred<string>();
    const patient = untilCallerLeaves(promise, { timeout: 1_000 });
    const leaving = expect(untilCallerLeaves(promise, { timeout: 50 })).rejects.toMatchObject({
      name: 'DokStampError',
      code: 'token_wait_timeout',
      retryable: true,
      message: expect.stringContaining('50 ms'),
    });
    await vi.advanceTimersByTimeAsync(50);
    await leaving;
    resolve('token_1');
    expect(await patient).toBe('token_1');
  });

  it('is not sent away before the timeout is over', async () => {
    const { promise, resolve } = deferred<string>();
    const waiting = untilCallerLeaves(promise, { timeout: 50 });
    await vi.advanceTimersByTimeAsync(49);
    resolve('token_1');
    expect(await waiting).toBe('token_1');
  });

  it('whose signal is aborted leaves alone, with the reason of the signal', async () => {
    const { promise, resolve } = deferred<string>();
    const patient = untilCallerLeaves(promise, { signal: new AbortController().signal });
    const controller = new AbortController();
    const leaving = expect(untilCallerLeaves(promise, controller)).rejects.toBe('gone');
    controller.abort('gone');
    await leaving;
    resolve('token_1');
    expect(await patient).toBe('token_1');
  });

  it('whose signal was aborted in the meantime leaves at once', async () => {
    const signal = AbortSignal.abort('gone before');
    await expect(untilCallerLeaves(deferred<string>().promise, { signal })).rejects.toBe(
      'gone before',
    );
  });

  it('who has left is not told what became of the work', async () => {
    const uncaught = await uncaughtDuring(async () => {
      const { promise, reject } = deferred<string>();
      const left = untilCallerLeaves(promise, { timeout: 1 });
      const leaving = expect(left).rejects.toMatchObject({ code: 'token_wait_timeout' });
      await vi.advanceTimersByTimeAsync(1);
      await leaving;
      reject(new Error('too late'));
    });
    expect(uncaught).toEqual([]);
  });

  it.each([LONGEST_DELAY + 1, 1e12, Number.MAX_VALUE, Infinity])(
    'may be willing to wait longer than a timer takes: %d ms',
    async (timeout) => {
      const { promise, resolve } = deferred<string>();
      const waiting = untilCallerLeaves(promise, { timeout });
      await vi.advanceTimersByTimeAsync(LONGEST_DELAY);
      resolve('token_1');
      expect(await waiting).toBe('token_1');
      await settle();
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('is sent away after such a wait too, when it is over', async () => {
    const waiting = untilCallerLeaves(deferred().promise, { timeout: LONGEST_DELAY + 1_000 });
    const leaving = expect(waiting).rejects.toMatchObject({ code: 'token_wait_timeout' });
    await vi.advanceTimersByTimeAsync(LONGEST_DELAY + 999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await leaving;
  });
});

describe('a caller leaves neither timer nor listener behind', () => {
  it.each(['resolve', 'reject'] as const)('when the work does %s', async (how) => {
    const work = deferred<string>();
    const { signal } = new AbortController();
    const waiting = untilCallerLeaves(work.promise, { signal, timeout: 60_000 });
    expect([vi.getTimerCount(), listenersOf(signal)]).toEqual([1, 1]);
    work[how]('token_1');
    await waiting.catch(() => {});
    await settle();
    expect([vi.getTimerCount(), listenersOf(signal)]).toEqual([0, 0]);
  });

  it('when its timeout is over, though the work goes on', async () => {
    const { signal } = new AbortController();
    const waiting = untilCallerLeaves(deferred().promise, { signal, timeout: 50 });
    const leaving = expect(waiting).rejects.toMatchObject({ code: 'token_wait_timeout' });
    await vi.advanceTimersByTimeAsync(50);
    await leaving;
    expect([vi.getTimerCount(), listenersOf(signal)]).toEqual([0, 0]);
  });

  it('when its signal is aborted, though the work goes on: a timer would keep the process alive', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const leaving = expect(
      untilCallerLeaves(deferred().promise, { signal, timeout: 60_000 }),
    ).rejects.toBe('gone');
    controller.abort('gone');
    await leaving;
    expect([vi.getTimerCount(), listenersOf(signal)]).toEqual([0, 0]);
  });

  it('when its signal was aborted before it began to wait', async () => {
    const signal = AbortSignal.abort('gone before');
    const waiting = untilCallerLeaves(deferred().promise, { signal, timeout: 60_000 });
    await expect(waiting).rejects.toBe('gone before');
    expect([vi.getTimerCount(), listenersOf(signal)]).toEqual([0, 0]);
  });
});

describe('what a caller says of its wait', () => {
  it.each([
    {},
    { timeout: 1 },
    { timeout: 0.5 },
    { timeout: Infinity },
    { timeout: undefined, signal: undefined },
    { signal: new AbortController().signal },
  ])('may be %j', (wait) => {
    expect(() => checkWait(wait)).not.toThrow();
  });

  it.each([0, -1, Number.NaN, -Infinity])('may not be a timeout of %s', (timeout) => {
    expect(() => checkWait({ timeout })).toThrow(DokStampConfigError);
  });

  it('may not be a signal that is aborted already: its reason is thrown', () => {
    const reason = new Error('gone before');
    expect(() => checkWait({ signal: AbortSignal.abort(reason) })).toThrow(reason);
  });
});
