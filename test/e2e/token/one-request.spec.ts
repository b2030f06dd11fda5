import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { uncaughtDuring } from '../../support/deferred.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { rejectionOf } from '../../support/stub-account.js';
import { issueToken } from '../../support/stub-server.js';
import { elapse, freezeTime, idle, settle } from '../../support/time.js';
import { tokenHarness } from '../../support/token-harness.js';

let dokStamp: MemoryDokStamp;

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
});

const repeated = <T>(times: number, call: () => T): T[] => Array.from({ length: times }, call);

describe('the token service', () => {
  it('makes one token request for 500 concurrent calls', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    const tokens = await Promise.all(repeated(500, () => harness.tokens.getToken()));
    expect(new Set(tokens)).toEqual(new Set(['token_1']));
    expect(dokStamp.tokenRequests).toBe(1);
  });

  it('makes one token request for concurrent renew() calls, and serves the current token meanwhile', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    const renewals = repeated(20, () => harness.tokens.renew());
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(new Set(await Promise.all(renewals))).toEqual(new Set(['token_2']));
    expect(dokStamp.tokenRequests).toBe(2);
    expect(harness.events).toMatchObject([{ reason: 'demand' }, { reason: 'manual' }]);
  });

  it('lets renew() join a scheduled renewal', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    dokStamp.holds = true;
    await elapse(43_200_000 - 60_000);
    const joined = harness.tokens.renew();
    await idle();
    dokStamp.release();
    expect(await joined).toBe('token_2');
    expect(dokStamp.tokenRequests).toBe(2);
    expect(harness.events[1]).toMatchObject({ type: 'issued', reason: 'scheduled' });
  });

  it('ignores the response to a request that it gave up', async () => {
    await using harness = await tokenHarness({ ...dokStamp.options, tokenTimeout: 1_000 });
    dokStamp.tokenEndpoint = (_, response) =>
      setTimeout(() => issueToken(response, 'token_late'), 3_000);
    const failure = rejectionOf(harness.tokens.getToken());
    await elapse(1_000);
    expect(await failure).toMatchObject({ code: 'token_request_failed' });
    dokStamp.tokenEndpoint = (_, response) => issueToken(response, 'token_next');
    await elapse(1_000);
    expect(await harness.tokens.getToken()).toBe('token_next');
    await elapse(3_000);
    expect(await harness.tokens.getToken()).toBe('token_next');
  });

  it('starts another request after tokenTimeout, if the server accepts a request and never answers it', async () => {
    await using harness = await tokenHarness({ ...dokStamp.options, tokenTimeout: 2_000 });
    dokStamp.holds = true;
    const failure = rejectionOf(harness.tokens.getToken());
    await elapse(2_000);
    expect(await failure).toMatchObject({
      code: 'token_request_failed',
      attempts: 1,
      message: expect.stringContaining('tokenTimeout is 2000 ms'),
    });
    dokStamp.holds = false;
    await elapse(1_000);
    expect(await harness.tokens.getToken()).toBe('token_2');
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it.each([2 ** 31, 2 ** 40, Number.MAX_VALUE])(
    'waits for a token with a tokenTimeout and a timeout of %d ms, which no single timer takes',
    async (timeout) => {
      await using harness = await tokenHarness({ ...dokStamp.options, tokenTimeout: timeout });
      dokStamp.expiresIn = 1e9;
      dokStamp.holds = true;
      const token = harness.tokens.getToken({ timeout });
      await elapse(2 ** 31 - 1);
      dokStamp.release();
      expect(await token).toBe('token_1');
      expect(dokStamp.tokenRequests).toBe(1);
    },
  );

  it.each([2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5])(
    'ends the wait of a caller after its timeout of %d ms, and not before',
    async (timeout) => {
      await using harness = await tokenHarness({ ...dokStamp.options, tokenTimeout: 2 ** 40 });
      dokStamp.holds = true;
      const failed = vi.fn();
      const waiting = harness.tokens.getToken({ timeout }).catch(failed);
      await elapse(timeout - 1);
      expect(failed).not.toHaveBeenCalled();
      await elapse(1);
      await waiting;
      expect(failed).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({ code: 'token_wait_timeout' }),
      );
    },
  );
});

describe('a subscriber of events$', () => {
  it('that drops the new token and calls getToken() gets another token', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    const again: Promise<string>[] = [];
    const first = harness.tokens.events$.subscribe(({ type }) => {
      if (type !== 'issued') return;
      first.unsubscribe();
      harness.tokens.invalidate('token_1');
      again.push(harness.tokens.getToken());
    });
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(await Promise.all(again)).toEqual(['token_2']);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('that calls renew() starts another token request', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    const renewed: Promise<string>[] = [];
    const first = harness.tokens.events$.subscribe(() => {
      first.unsubscribe();
      renewed.push(harness.tokens.renew());
    });
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(await Promise.all(renewed)).toEqual(['token_2']);
  });
});

describe('a caller', () => {
  it("ends only its own wait by its signal, with the signal's reason", async () => {
    await using harness = await tokenHarness(dokStamp.options);
    const mine = new AbortController();
    const reason = new Error('I have to go');
    const left = harness.tokens.getToken({ signal: mine.signal });
    const stays = harness.tokens.getToken();
    mine.abort(reason);
    await expect(left).rejects.toBe(reason);
    expect(await stays).toBe('token_1');
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(dokStamp.tokenRequests).toBe(1);
  });

  it('ends its wait by its timeout, and the token is cached even if no caller waits for it', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    dokStamp.holds = true;
    const left = rejectionOf(harness.tokens.getToken({ timeout: 100 }));
    await elapse(99);
    expect(vi.getTimerCount()).toBe(2);
    await elapse(1);
    expect(await left).toMatchObject({ code: 'token_wait_timeout', retryable: true });
    dokStamp.release();
    await idle();
    expect(harness.tokens.status.state).toBe('valid');
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(dokStamp.tokenRequests).toBe(1);
  });

  it('that has left causes no unhandled rejection when the request fails', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    dokStamp.holds = true;
    const uncaught = await uncaughtDuring(async () => {
      const mine = new AbortController();
      const left = rejectionOf(harness.tokens.getToken({ signal: mine.signal }));
      await idle();
      mine.abort(new Error('gone'));
      await left;
      dokStamp.fail(403);
      dokStamp.release();
      await idle();
      expect(harness.events).toMatchObject([{ type: 'renewal-failed' }]);
    });
    expect(uncaught).toEqual([]);
  });

  it('that is served leaves neither a listener on its signal nor a timer', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    const { signal } = new AbortController();
    dokStamp.holds = true;
    const calls = repeated(3, () => harness.tokens.getToken({ signal, timeout: 1_000 }));
    await idle();
    expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0);
    dokStamp.release();
    await Promise.all(calls);
    await harness.tokens.renew({ signal, timeout: 1_000 });
    await idle();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    // The planned renewal.
    expect(vi.getTimerCount()).toBe(1);
  });

  it('that has left leaves neither a listener on its signal nor a timer', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    const mine = new AbortController();
    dokStamp.holds = true;
    const left = [mine.signal, new AbortController().signal].map((signal) => ({
      signal,
      failure: rejectionOf(harness.tokens.getToken({ signal, timeout: 1_000 })),
    }));
    await idle();
    mine.abort(new Error('gone'));
    await elapse(1_000);
    for (const { signal, failure } of left) {
      await failure;
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    }
    dokStamp.release();
    await idle();
    expect(vi.getTimerCount()).toBe(1);
  });

  it('can share its signal with 50 others without a warning of a leak', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    await using harness = await tokenHarness(dokStamp.options);
    dokStamp.holds = true;
    const { signal } = new AbortController();
    const mine = new AbortController();
    const stays = repeated(50, () => harness.tokens.getToken({ signal }));
    const left = repeated(50, () => rejectionOf(harness.tokens.getToken({ signal: mine.signal })));
    await idle();
    mine.abort(new Error('gone'));
    for (const reason of await Promise.all(left)) expect(reason.message).toBe('gone');
    dokStamp.release();
    expect(new Set(await Promise.all(stays))).toEqual(new Set(['token_1']));
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
  });

  it('that leaves while another one is called back for the same signal does not disturb it', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    dokStamp.holds = true;
    const mine = new AbortController();
    const other = new AbortController();
    const { signal } = mine;
    const first = rejectionOf(harness.tokens.getToken({ signal }));
    const second = rejectionOf(harness.tokens.getToken({ signal: other.signal }));
    signal.addEventListener('abort', () => other.abort(new Error('gone too')));
    const third = rejectionOf(harness.tokens.getToken({ signal }));
    await idle();
    mine.abort(new Error('gone'));
    const reasons = await Promise.all([first, second, third]);
    expect(reasons.map(({ message }) => message)).toEqual(['gone', 'gone too', 'gone']);
  });

  it('is rejected at once, without a token request, if its signal is aborted or its timeout is not positive', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    await expect(harness.tokens.getToken({ signal: AbortSignal.abort() })).rejects.toThrow('abort');
    for (const timeout of [0, -1, Number.NaN]) {
      await expect(settle(harness.tokens.getToken({ timeout }))).rejects.toMatchObject({
        code: 'config_invalid',
      });
    }
    expect(dokStamp.tokenRequests).toBe(0);
  });
});

describe('invalidate()', () => {
  it('drops the cached token only if it is this one', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    await harness.tokens.renew();
    expect(harness.tokens.invalidate('token_1')).toBe(false);
    expect(await harness.tokens.getToken()).toBe('token_2');
    expect(harness.tokens.invalidate('token_2')).toBe(true);
    expect(harness.tokens.status.state).toBe('absent');
    expect(harness.events.at(-1)).toEqual({ type: 'invalidated' });
    expect(await harness.tokens.getToken()).toBe('token_3');
  });

  it('drops nothing if there is no token', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    expect(harness.tokens.invalidate('')).toBe(false);
    // @ts-expect-error JavaScript can pass undefined.
    expect(harness.tokens.invalidate(undefined)).toBe(false);
    expect(harness.events).toEqual([]);
  });
});
