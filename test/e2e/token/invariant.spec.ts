import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DokStampCredentials } from '../../../lib/index.js';
import { deferred } from '../../support/deferred.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { rejectionOf } from '../../support/stub-account.js';
import { json } from '../../support/stub-server.js';
import { drawRandom, elapse, freezeTime, idle, settle } from '../../support/time.js';
import { type LogLine, tokenHarness } from '../../support/token-harness.js';

let dokStamp: MemoryDokStamp;

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
});

const CREDENTIALS: DokStampCredentials = { clientId: 'id', clientSecret: 'secret-1' };

const inMs = (ms: number) => new Date(Date.now() + ms);

/** The messages of the lines that report a problem. */
const problemsIn = (log: LogLine[]) =>
  log.filter(({ level }) => level === 'warn' || level === 'error').map(({ message }) => message);

describe('after the first request for a token, a renewal or a next try is planned', () => {
  it('so an outage at the start ends without a call, at the time that the log has', async () => {
    const working = dokStamp.tokenEndpoint;
    dokStamp.fail(503);
    await using harness = await tokenHarness({ ...dokStamp.options, startup: 'background' });
    await idle();
    expect(harness.tokens.status).toMatchObject({
      state: 'blocked',
      blockedUntil: inMs(1_000),
      nextRenewalAt: inMs(1_000),
    });
    expect(problemsIn(harness.log)).toEqual([expect.stringContaining(inMs(1_000).toISOString())]);
    await elapse(999);
    expect(dokStamp.tokenRequests).toBe(1);
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(2);
    dokStamp.tokenEndpoint = working;
    await elapse(1_500);
    expect(harness.tokens.status.state).toBe('valid');
    expect(harness.events.at(-1)).toMatchObject({ type: 'issued', reason: 'scheduled' });
  });

  it('if a call on a lazy account has failed', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    await elapse(3_600_000);
    expect(harness.tokens.status).toEqual({ state: 'absent' });
    expect(dokStamp.tokenRequests).toBe(0);
    dokStamp.fail(429, { 'retry-after': '7' });
    await rejectionOf(harness.tokens.getToken());
    expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(7_000));
    await elapse(7_000);
    expect(dokStamp.tokenRequests).toBe(2);
    expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(7_000));
  });

  it('if every caller has left before its request failed', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    dokStamp.holds = true;
    const left = rejectionOf(harness.tokens.getToken({ timeout: 100 }));
    await elapse(100);
    await left;
    dokStamp.fail(503);
    dokStamp.release();
    await idle();
    expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(1_000));
  });

  it('if the token was dropped', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    harness.tokens.invalidate(await harness.tokens.getToken());
    expect(harness.tokens.status).toMatchObject({ state: 'absent', nextRenewalAt: new Date() });
    await elapse(1);
    expect(harness.tokens.status.state).toBe('valid');
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('if the credentials of a valid token are refused, and renew() reads them again when the next try is due', async () => {
    let read = async () => CREDENTIALS;
    await using harness = await tokenHarness({
      baseURL: dokStamp.options.baseURL,
      http: dokStamp.options.http,
      credentials: () => read(),
    });
    await harness.tokens.getToken();
    dokStamp.fail(401);
    await rejectionOf(settle(harness.tokens.renew()));
    expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(30_000));
    await elapse(29_500);
    const slow = deferred<DokStampCredentials>();
    read = () => slow.promise;
    const failure = rejectionOf(harness.tokens.renew());
    await elapse(600);
    slow.resolve(CREDENTIALS);
    expect(await failure).toMatchObject({ code: 'invalid_client' });
    await idle();
    expect(harness.events).toHaveLength(3);
    expect(harness.tokens.status).toMatchObject({ state: 'valid', nextRenewalAt: inMs(60_000) });
  });

  it('until onModuleDestroy: then the log has no time for a next try', async () => {
    dokStamp.fail(403);
    await using harness = await tokenHarness(dokStamp.options);
    harness.tokens.onModuleDestroy();
    await rejectionOf(harness.tokens.getToken());
    expect(harness.tokens.status.nextRenewalAt).toBeUndefined();
    expect(problemsIn(harness.log)).toEqual([expect.not.stringMatching(/\d{4}-\d\d-\d\dT/)]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a start', () => {
  it.each(['required', 'background'] as const)(
    'that is %s makes no token request if another provider has obtained a token during the boot',
    async (startup) => {
      const answer = dokStamp.tokenEndpoint;
      dokStamp.tokenEndpoint = (request, response) =>
        dokStamp.tokenRequests === 1 ? answer(request, response) : json(response, 500, {});
      await using harness = await tokenHarness({ ...dokStamp.options, startup }, [], (tokens) =>
        tokens.getToken(),
      );
      await idle();
      expect(harness.tokens.status.state).toBe('valid');
      expect(dokStamp.tokenRequests).toBe(1);
    },
  );

  it('that is required and failed plans no next try, because Nest calls no hook of an app that did not boot', async () => {
    dokStamp.fail(403);
    const boot = tokenHarness({ ...dokStamp.options, startup: 'required' });
    expect(await rejectionOf(boot)).toMatchObject({ code: 'token_request_rejected' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('onModuleDestroy', () => {
  it('ends the planned renewal, and tokens are available until onApplicationShutdown', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    harness.tokens.onModuleDestroy();
    expect(harness.registry.getTimeouts()).toEqual([]);
    expect(harness.tokens.status).not.toHaveProperty('nextRenewalAt');
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(await harness.tokens.renew()).toBe('token_2');
    expect(harness.registry.getTimeouts()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('onApplicationShutdown', () => {
  it('rejects waiting and later calls with closed, and completes events$', async () => {
    const harness = await tokenHarness(dokStamp.options);
    dokStamp.holds = true;
    const completed = vi.fn();
    harness.tokens.events$.subscribe({ complete: completed });
    const waiting = rejectionOf(harness.tokens.getToken());
    await idle();
    await harness[Symbol.asyncDispose]();
    expect(await waiting).toMatchObject({ code: 'closed', retryable: false });
    expect(await rejectionOf(harness.tokens.getToken())).toMatchObject({ code: 'closed' });
    expect(await rejectionOf(harness.tokens.renew())).toMatchObject({ code: 'closed' });
    expect(harness.tokens.status).toEqual({ state: 'closed' });
    expect(completed).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('removes the failure from the status', async () => {
    const harness = await tokenHarness(dokStamp.options);
    dokStamp.fail(403);
    await rejectionOf(harness.tokens.getToken());
    expect(harness.tokens.status.blockedUntil).toEqual(inMs(30_000));
    await harness[Symbol.asyncDispose]();
    expect(harness.tokens.status).toEqual({ state: 'closed' });
  });

  it('rejects a call that waits while refused credentials are read again', async () => {
    let read = async () => CREDENTIALS;
    const { baseURL, http } = dokStamp.options;
    const harness = await tokenHarness({ baseURL, http, credentials: () => read() });
    dokStamp.fail(401);
    await rejectionOf(harness.tokens.getToken());
    read = () => new Promise(() => {});
    await elapse(1_000);
    const failure = rejectionOf(harness.tokens.getToken());
    await elapse(10);
    await harness[Symbol.asyncDispose]();
    expect(await failure).toMatchObject({ code: 'closed' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects a call that waits for its next attempt', async () => {
    const harness = await tokenHarness(dokStamp.options);
    dokStamp.fail(503);
    drawRandom(0.5);
    const failure = rejectionOf(harness.tokens.getToken());
    await elapse(50);
    expect(dokStamp.tokenRequests).toBe(1);
    await harness[Symbol.asyncDispose]();
    expect(await failure).toMatchObject({ code: 'closed' });
    expect(vi.getTimerCount()).toBe(0);
    await elapse(10_000);
    expect(dokStamp.tokenRequests).toBe(1);
  });

  it('rejects a call whose token was issued in this moment', async () => {
    const harness = await tokenHarness(dokStamp.options);
    harness.tokens.events$.subscribe(() => harness.tokens.onApplicationShutdown());
    expect(await rejectionOf(harness.tokens.getToken())).toMatchObject({ code: 'closed' });
    await harness[Symbol.asyncDispose]();
  });

  it.each([1, 2, 3, 4, 6, 8, 12])(
    'leaves nothing %d microtasks after a token was issued, whether the call was served or not',
    async (microtasks) => {
      const harness = await tokenHarness(dokStamp.options);
      const closed = deferred();
      harness.tokens.events$.subscribe(() => void close());
      const close = async () => {
        for (let microtask = 0; microtask < microtasks; microtask++) await Promise.resolve();
        await harness[Symbol.asyncDispose]();
        closed.resolve();
      };
      const call = harness.tokens.getToken().catch(({ code }: { code: string }) => code);
      expect(await call).toMatch(/^(token_1|closed)$/);
      await closed.promise;
      await idle();
      expect(harness.tokens.status).toEqual({ state: 'closed' });
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});
