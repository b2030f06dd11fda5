import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { optionsFor } from '../support/app.js';
import { json, stubServer } from '../support/stub-server.js';
import { pass, tokenHarness, until } from '../support/token-harness.js';
import { sandbox, setUp, tearDown } from '../support/token-sandbox.js';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';

beforeEach(setUp);
afterEach(tearDown);

describe('one flight', () => {
  it('makes one token request for 500 who ask at once', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    const tokens = await Promise.all(Array.from({ length: 500 }, () => harness.tokens.getToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('makes one token request of concurrent renew() calls, and serves the current token meanwhile', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    const first = await harness.tokens.getToken();
    const renewals = Array.from({ length: 20 }, () => harness.tokens.renew());
    expect(await harness.tokens.getToken()).toBe(first);
    const renewed = await Promise.all(renewals);
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]).not.toBe(first);
    expect(sandbox.tokenRequests).toBe(2);
    expect(harness.events.map((event) => 'reason' in event && event.reason)).toEqual([
      'demand',
      'manual',
    ]);
  });

  it('lets renew() join a scheduled renewal', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    await harness.tokens.getToken();
    sandbox.tokenEndpoint.delay(300);
    await pass(43_200_000 - 60_000);
    await until(() => sandbox.tokenRequests === 2);
    const joined = harness.tokens.renew();
    await pass(300);
    expect(await joined).toBe(await harness.tokens.getToken());
    expect(sandbox.tokenRequests).toBe(2);
    expect(harness.events[1]).toMatchObject({ type: 'issued', reason: 'scheduled' });
  });

  it("ends only a waiter's own wait by its signal, and the request still completes and is cached", async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    const mine = new AbortController();
    const reason = new Error('I have to go');
    const left = harness.tokens.getToken({ signal: mine.signal });
    const stays = harness.tokens.getToken();
    mine.abort(reason);
    await expect(left).rejects.toBe(reason);
    const token = await stays;
    expect(await harness.tokens.getToken()).toBe(token);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('caches the token that arrives after every waiter has left', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    sandbox.tokenEndpoint.delay(300);
    const left = harness.tokens.getToken({ timeout: 100 });
    const refused = expect(left).rejects.toMatchObject({
      code: 'token_wait_timeout',
      retryable: true,
    });
    await until(() => sandbox.tokenRequests === 1);
    await pass(100);
    await refused;
    await pass(200);
    await until(() => harness.tokens.status.state === 'valid');
    await harness.tokens.getToken();
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('leaves no listener on the signal of a waiter that was served', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await harness.tokens.getToken({ signal });
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  });

  it('refuses a signal that is aborted already, and a timeout that is no positive number', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    await expect(harness.tokens.getToken({ signal: AbortSignal.abort() })).rejects.toThrow('abort');
    for (const timeout of [0, -1, Number.NaN]) {
      await expect(harness.tokens.getToken({ timeout })).rejects.toMatchObject({
        code: 'config_invalid',
      });
    }
    expect(sandbox.tokenRequests).toBe(0);
  });

  it('frees the slot of a server that accepts and never answers at tokenTimeout', async () => {
    using harness = await tokenHarness({ ...optionsFor(sandbox), tokenTimeout: 2_000 });
    sandbox.tokenEndpoint.hang();
    const refused = expect(harness.tokens.getToken()).rejects.toMatchObject({
      code: 'token_request_failed',
      attempts: 1,
      message: expect.stringContaining('tokenTimeout (2000 ms)'),
    });
    await until(() => sandbox.tokenRequests === 1);
    await pass(2_000);
    await refused;
    sandbox.tokenEndpoint.restore();
    await pass(1_000);
    await harness.tokens.getToken();
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('drops the answer of a request that was given up, though it comes', async () => {
    await using server = await stubServer(async (_, response) => {
      const nth = server.seen.length;
      if (nth === 1) await new Promise((resolve) => setTimeout(resolve, 3_000));
      json(response, 200, {
        token_type: 'Bearer',
        expires_in: 3_600,
        access_token: `token_${nth}`,
      });
    });
    using harness = await tokenHarness({
      baseURL: server.url,
      clientId: 'id',
      clientSecret: 'secret-1',
      tokenTimeout: 1_000,
    });
    const refused = expect(harness.tokens.getToken()).rejects.toMatchObject({
      code: 'token_request_failed',
    });
    await until(() => server.seen.length === 1);
    await pass(2_000, 1_000);
    await refused;
    expect(await harness.tokens.getToken()).toBe('token_2');
    await pass(3_000);
    expect(await harness.tokens.getToken()).toBe('token_2');
  });
});

describe('renewal ahead of expiry', () => {
  it.each([
    { lifetime: 10, dueAt: 8 },
    { lifetime: 60, dueAt: 48 },
    { lifetime: 300, dueAt: 240 },
    { lifetime: 43_200, dueAt: 43_140 },
  ])(
    'renews a token of $lifetime s after $dueAt s, while callers are served at once',
    async ({ lifetime, dueAt }) => {
      sandbox.expireIn(lifetime);
      using harness = await tokenHarness(optionsFor(sandbox));
      const first = await harness.tokens.getToken();
      await pass(dueAt * 1_000 - 1);
      expect(sandbox.tokenRequests).toBe(1);
      sandbox.tokenEndpoint.delay(300);
      await pass(1);
      await until(() => sandbox.tokenRequests === 2);
      expect(await harness.tokens.getToken()).toBe(first);
      await pass(300);
      await until(() => harness.events.length === 2);
      expect(harness.events[1]).toMatchObject({
        type: 'issued',
        reason: 'scheduled',
        source: 'endpoint',
      });
      expect(await harness.tokens.getToken()).not.toBe(first);
    },
  );

  it('renews up to half a lead earlier at random', async () => {
    vi.spyOn(SYSTEM_CLOCK, 'random').mockReturnValue(1 - Number.EPSILON);
    using harness = await tokenHarness(optionsFor(sandbox));
    await harness.tokens.getToken();
    const { expiresAt, nextRenewalAt } = harness.tokens.status;
    expect(Number(expiresAt) - Number(nextRenewalAt)).toBe(90_000);
  });

  it.each([1, 5, 25, 60, 200, 300])(
    'makes at most one request for each 0.7 of a lifetime of %i s, however often the token is asked for',
    async (lifetime) => {
      sandbox.expireIn(lifetime);
      using harness = await tokenHarness(optionsFor(sandbox));
      const spanMs = lifetime * 10_000;
      for (let at = 0; at < spanMs; at += spanMs / 200) {
        await harness.tokens.getToken();
        await pass(spanMs / 200);
      }
      expect(sandbox.tokenRequests).toBeGreaterThanOrEqual(10);
      expect(sandbox.tokenRequests).toBeLessThanOrEqual(Math.ceil(10 / 0.7) + 1);
    },
  );

  it.each([30 * 86_400, 10 * 365 * 86_400, 1e12, '9'.repeat(300)])(
    'plans no renewal too early for a lifetime of %s s',
    async (expiresIn) => {
      await using server = await stubServer((_, response) =>
        json(response, 200, {
          token_type: 'Bearer',
          expires_in: expiresIn,
          access_token: 'token_1',
        }),
      );
      using harness = await tokenHarness({
        baseURL: server.url,
        clientId: 'id',
        clientSecret: 'secret-1',
      });
      await harness.tokens.getToken();
      expect(harness.tokens.status).toMatchObject({
        state: 'valid',
        nextRenewalAt: expect.any(Date),
      });
      expect(Number.isNaN(Number(harness.tokens.status.expiresAt))).toBe(false);
      await pass(29 * 86_400_000, 5 * 86_400_000);
      expect(server.seen).toHaveLength(1);
    },
  );

  it('renews a token of 30 days in time, though no timer takes so long a delay', async () => {
    sandbox.expireIn(30 * 86_400);
    using harness = await tokenHarness(optionsFor(sandbox));
    await harness.tokens.getToken();
    await pass(30 * 86_400_000 - 60_000, 3 * 86_400_000);
    await until(() => harness.events.length === 2);
    expect(harness.events[1]).toMatchObject({ reason: 'scheduled' });
  });

  it('makes no loop of a server that hands out the same token again', async () => {
    await using server = await stubServer((_, response) =>
      json(response, 200, { token_type: 'Bearer', expires_in: 1, access_token: 'token_1' }),
    );
    using harness = await tokenHarness({
      baseURL: server.url,
      clientId: 'id',
      clientSecret: 'secret-1',
    });
    await harness.tokens.getToken();
    await pass(20_000, 250);
    expect(server.seen.length).toBeLessThanOrEqual(22);
  });

  it('keeps the current token to its end while renewal fails, and takes it up again when the gate opens', async () => {
    sandbox.expireIn(300);
    using harness = await tokenHarness(optionsFor(sandbox));
    const first = await harness.tokens.getToken();
    sandbox.tokenEndpoint.fail({ status: 503 });
    await pass(240_000);
    await until(() => harness.events.length === 2);
    expect(harness.events[1]).toMatchObject({
      type: 'renewal-failed',
      error: { code: 'token_request_failed' },
    });
    expect(await harness.tokens.getToken()).toBe(first);
    expect(harness.tokens.status).toMatchObject({
      state: 'valid',
      nextRenewalAt: harness.tokens.status.blockedUntil,
    });
    sandbox.tokenEndpoint.restore();
    await pass(1_000, 250);
    await until(() => harness.events.at(-1)?.type === 'issued');
    expect(await harness.tokens.getToken()).not.toBe(first);
  });

  it('is not served in its last 5 s, or the last twentieth of a short life', async () => {
    sandbox.expireIn(300);
    using harness = await tokenHarness({ ...optionsFor(sandbox), renewBeforeExpiry: 1 });
    const first = await harness.tokens.getToken();
    await pass(294_999);
    expect(await harness.tokens.getToken()).toBe(first);
    await pass(1);
    expect(harness.tokens.status.state).toBe('expired');
    expect(await harness.tokens.getToken()).not.toBe(first);
  });
});

describe('clocks', () => {
  it.each([
    { jump: 3_600_000, requests: 1 },
    { jump: -3_600_000, requests: 1 },
    { jump: 86_400_000, requests: 2 },
  ])(
    'costs at most one early renewal when the wall clock jumps by $jump ms',
    async ({ jump, requests }) => {
      using harness = await tokenHarness(optionsFor(sandbox));
      await harness.tokens.getToken();
      vi.setSystemTime(Date.now() + jump);
      for (let call = 0; call < 5; call++) await harness.tokens.getToken();
      await pass(60_000);
      await harness.tokens.getToken();
      expect(sandbox.tokenRequests).toBe(requests);
    },
  );

  it('serves no dead token after the machine has slept, when only the wall clock went on', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    const first = await harness.tokens.getToken();
    vi.setSystemTime(Date.now() + 13 * 3_600_000);
    expect(harness.tokens.status.state).toBe('expired');
    expect(await harness.tokens.getToken()).not.toBe(first);
  });

  it('serves no dead token when the wall clock was set back over its life', async () => {
    sandbox.expireIn(100);
    using harness = await tokenHarness({ ...optionsFor(sandbox), renewBeforeExpiry: 0.001 });
    const first = await harness.tokens.getToken();
    vi.setSystemTime(Date.now() - 3_600_000);
    await pass(96_000);
    expect(await harness.tokens.getToken()).not.toBe(first);
  });
});

describe('invalidate()', () => {
  it('drops the cached token only if it is this one', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    const first = await harness.tokens.getToken();
    const second = await harness.tokens.renew();
    expect(harness.tokens.invalidate(first)).toBe(false);
    expect(await harness.tokens.getToken()).toBe(second);
    expect(harness.tokens.invalidate(second)).toBe(true);
    expect(harness.tokens.status.state).toBe('absent');
    expect(harness.events.at(-1)).toEqual({ type: 'invalidated' });
    expect(await harness.tokens.getToken()).not.toBe(second);
  });
});

describe('the end', () => {
  it('plans no renewal after onModuleDestroy, but tokens can still be had until onApplicationShutdown', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    await harness.tokens.getToken();
    expect(harness.registry.getTimeouts()).toEqual(['dokstamp:token-renewal']);
    harness.tokens.onModuleDestroy();
    expect(harness.registry.getTimeouts()).toEqual([]);
    await harness.tokens.renew();
    expect(harness.registry.getTimeouts()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects those who wait and those who come later with closed, and completes the events', async () => {
    const harness = await tokenHarness(optionsFor(sandbox));
    sandbox.tokenEndpoint.hang();
    const completed = vi.fn();
    harness.tokens.events$.subscribe({ complete: completed });
    const waiting = expect(harness.tokens.getToken()).rejects.toMatchObject({ code: 'closed' });
    await until(() => sandbox.tokenRequests === 1);
    harness[Symbol.dispose]();
    await waiting;
    await expect(harness.tokens.getToken()).rejects.toMatchObject({
      code: 'closed',
      retryable: false,
    });
    await expect(harness.tokens.renew()).rejects.toMatchObject({ code: 'closed' });
    expect(harness.tokens.status).toEqual({ state: 'closed' });
    expect(completed).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
