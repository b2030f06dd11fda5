import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DokStampOptions } from '../../../lib/index.js';
import { uncaughtDuring } from '../../support/deferred.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { type Answer, issueToken, stubServer } from '../../support/stub-server.js';
import { drawRandom, elapse, freezeTime, idle } from '../../support/time.js';
import { answering, failureOf, withoutTime } from '../../support/token-failure.js';
import { type TokenHarness, tokenHarness } from '../../support/token-harness.js';

let dokStamp: MemoryDokStamp;

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
});

/** An account that makes token requests for calls only, not by a timer. */
async function withoutTimer(options: DokStampOptions = dokStamp.options): Promise<TokenHarness> {
  const harness = await tokenHarness(options);
  harness.tokens.onModuleDestroy();
  return harness;
}

const ACCOUNT = { clientId: 'id', clientSecret: 'secret-1' };
const INVALID_CLIENT = { error: 'invalid_client' };

/** One way of failing for each row of the contract, section 3, "When it fails"; `pauses` in seconds. */
interface Failure {
  readonly what: string;
  readonly endpoint: Answer;
  readonly code: string;
  readonly pauses: readonly number[];
}

const OUTAGES: Failure[] = [
  {
    what: 'a 503',
    endpoint: answering(503),
    code: 'token_request_failed',
    pauses: [1, 1.5, 2.25, 3.375],
  },
  {
    what: 'a malformed 200',
    endpoint: answering(200, '{}'),
    code: 'token_response_invalid',
    pauses: [1, 1.5],
  },
];

const overloaded = (status: number, retryAfter?: string) =>
  answering(status, '', retryAfter === undefined ? {} : { 'retry-after': retryAfter });

const RATE_LIMITS: Failure[] = [
  { what: 'a 429', endpoint: overloaded(429), pauses: [1, 1.5, 2.25] },
  { what: 'a 429 with Retry-After: 7', endpoint: overloaded(429, '7'), pauses: [7, 7] },
  { what: 'a 503 with Retry-After: 7', endpoint: overloaded(503, '7'), pauses: [7] },
  { what: 'a 429 with Retry-After: 0', endpoint: overloaded(429, '0'), pauses: [1] },
  { what: 'a 429 with Retry-After: soon', endpoint: overloaded(429, 'soon'), pauses: [1] },
  {
    what: 'a 429 with a date',
    endpoint: overloaded(429, 'Thu, 01 Jan 2026 00:00:20 GMT'),
    pauses: [20],
  },
  {
    what: 'a 429 with a date in the past',
    endpoint: overloaded(429, 'Wed, 31 Dec 2025 23:00:00 GMT'),
    pauses: [1],
  },
  { what: 'a 429 with Retry-After: years', endpoint: overloaded(429, '1000000000'), pauses: [300] },
].map((failure) => ({ code: 'token_rate_limited', ...failure }));

const REFUSALS: Failure[] = [
  {
    what: 'invalid_client',
    endpoint: answering(401, INVALID_CLIENT),
    code: 'invalid_client',
    pauses: [30, 60, 120, 240, 300, 300],
  },
  {
    what: 'invalid_client with 400',
    endpoint: answering(400, INVALID_CLIENT),
    code: 'invalid_client',
    pauses: [30],
  },
  ...[
    { what: 'a 403 without a body', endpoint: answering(403), pauses: [30, 60] },
    {
      what: 'a 400 with another OAuth error',
      endpoint: answering(400, { error: 'invalid_scope' }),
      pauses: [30],
    },
    {
      what: 'a redirect',
      endpoint: answering(307, '', { location: 'http://127.0.0.1:1/other' }),
      pauses: [30],
    },
  ].map((failure) => ({ code: 'token_request_rejected', ...failure })),
];

const CASES = [
  ...OUTAGES.map((failure) => ({ ...failure, retryable: true, attempts: 3 })),
  ...RATE_LIMITS.map((failure) => ({ ...failure, retryable: true, attempts: 1 })),
  ...REFUSALS.map((failure) => ({ ...failure, retryable: false, attempts: 1 })),
];

describe('the token service', () => {
  it.each(CASES)(
    'makes $attempts attempts after $what, then no token request for $pauses s',
    async ({ endpoint, code, retryable, attempts, pauses }) => {
      await using harness = await withoutTimer();
      const { tokens, events } = harness;
      dokStamp.tokenEndpoint = endpoint;
      for (const [nth, seconds] of pauses.entries()) {
        const error = await failureOf(tokens.getToken());
        expect(error).toMatchObject({ code, retryable, attempts: nth === 0 ? attempts : 1 });
        expect(Number(error.retryAt) - Date.now()).toBe(seconds * 1_000);
        expect(events.at(-1)).toEqual({
          type: code === 'invalid_client' ? 'credentials-rejected' : 'renewal-failed',
          error,
          retryAt: error.retryAt,
        });
        expect(tokens.status).toEqual({
          state: 'blocked',
          blockedUntil: error.retryAt,
          lastError: error,
        });
        const requests = dokStamp.tokenRequests;
        await elapse(seconds * 1_000 - 1);
        const again = await failureOf(tokens.getToken());
        expect(again).toEqual(error);
        expect(again).not.toBe(error);
        expect(dokStamp.tokenRequests).toBe(requests);
        await elapse(1);
        expect(tokens.status).toEqual({ state: 'absent', lastError: error });
      }
      dokStamp.tokenEndpoint = (_, response) => issueToken(response, 'token');
      expect(await tokens.getToken()).toBe('token');
      expect(tokens.status.lastError).toBeUndefined();
    },
  );

  it('pauses for 30 s at most in an outage', async () => {
    await using harness = await withoutTimer();
    dokStamp.fail(503);
    const pauses: number[] = [];
    for (let failure = 0; failure < 12; failure++) {
      const { retryAt } = await failureOf(harness.tokens.getToken());
      pauses.push(Number(retryAt) - Date.now());
      await elapse(pauses.at(-1) ?? 0);
    }
    expect(pauses.slice(8)).toEqual([25_629, 30_000, 30_000, 30_000]);
  });

  it('counts outages and refusals separately, until it has a token', async () => {
    await using harness = await withoutTimer();
    const pauseAfter = async (status: number, headers: object = {}) => {
      dokStamp.fail(status, headers);
      const { retryAt } = await failureOf(harness.tokens.getToken());
      const pauseMs = Number(retryAt) - Date.now();
      await elapse(pauseMs);
      return pauseMs;
    };
    expect(await pauseAfter(503)).toBe(1_000);
    expect(await pauseAfter(401)).toBe(30_000);
    expect(await pauseAfter(503)).toBe(1_500);
    expect(await pauseAfter(403)).toBe(60_000);
    // As long as the server asked, also if that is less than 2.25 s. It counts as an outage.
    expect(await pauseAfter(429, { 'retry-after': '2' })).toBe(2_000);
    expect(await pauseAfter(503)).toBe(3_375);
    dokStamp.tokenEndpoint = (_, response) => issueToken(response, 'token');
    await harness.tokens.getToken();
    dokStamp.fail(503);
    harness.tokens.invalidate('token');
    expect(await pauseAfter(503)).toBe(1_000);
    expect(await pauseAfter(401)).toBe(30_000);
  });

  it('makes one attempt if no caller waits', async () => {
    dokStamp.fail(503);
    await using harness = await tokenHarness({ ...dokStamp.options, startup: 'background' });
    await elapse(999);
    expect(dokStamp.tokenRequests).toBe(1);
    expect(harness.events).toMatchObject([{ error: { attempts: 1 } }]);
  });

  it('causes no unhandled rejection if no caller waits for a request that fails', async () => {
    dokStamp.fail(503);
    const uncaught = await uncaughtDuring(async () => {
      await using harness = await tokenHarness({ ...dokStamp.options, startup: 'background' });
      await idle();
      expect(harness.events).toHaveLength(1);
    });
    expect(uncaught).toEqual([]);
  });

  it('waits between attempts with full jitter from 200 ms, doubled once', async () => {
    drawRandom(0.75);
    await using harness = await tokenHarness(dokStamp.options);
    dokStamp.fail(503);
    const failure = failureOf(harness.tokens.getToken());
    await elapse(149);
    expect(dokStamp.tokenRequests).toBe(1);
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(2);
    await elapse(299);
    expect(dokStamp.tokenRequests).toBe(2);
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(3);
    expect((await failure).attempts).toBe(3);
  });

  it('makes no attempt that would begin after tokenTimeout', async () => {
    drawRandom(0.75);
    await using harness = await tokenHarness({ ...dokStamp.options, tokenTimeout: 400 });
    dokStamp.fail(503);
    const failure = failureOf(harness.tokens.getToken());
    await elapse(150);
    expect(await failure).toMatchObject({ code: 'token_request_failed', attempts: 2 });
  });

  it('serves the token of a later attempt', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    dokStamp.tokenEndpoint = (_, response) =>
      dokStamp.tokenRequests < 3 ? response.writeHead(502).end() : issueToken(response, 'third');
    expect(await withoutTime(harness.tokens.getToken())).toBe('third');
    expect(harness.tokens.status.lastError).toBeUndefined();
    expect(harness.events).toMatchObject([{ type: 'issued' }]);
  });

  it('rejects each waiting caller with an error of its own', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    dokStamp.fail(403);
    const calls = [harness.tokens.getToken(), harness.tokens.getToken({ timeout: 1_000 })];
    const [first, second] = await Promise.all(calls.map(failureOf));
    expect(first).toEqual(second);
    expect(first).not.toBe(second);
    expect(dokStamp.tokenRequests).toBe(1);
  });

  it('rejects 100 calls against a refused secret at once, after one token request', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    dokStamp.fail(401);
    for (let call = 0; call < 100; call++) {
      const error = await failureOf(harness.tokens.getToken());
      expect(error).toMatchObject({ code: 'invalid_client', status: 401 });
      expect(error.retryAt).toBeInstanceOf(Date);
    }
    expect(dokStamp.tokenRequests).toBe(1);
  });

  it('makes no request for renew() during a pause, and serves its token meanwhile', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    const token = await harness.tokens.getToken();
    dokStamp.fail(401);
    const error = await failureOf(harness.tokens.renew());
    expect(await failureOf(harness.tokens.renew())).toEqual(error);
    expect(dokStamp.tokenRequests).toBe(2);
    expect(await harness.tokens.getToken()).toBe(token);
  });

  it.each([
    ['ECONNREFUSED', { ...ACCOUNT, baseURL: 'http://127.0.0.1:1' }],
    ['ECONNRESET', ACCOUNT],
  ])('treats %s as an outage, and names it', async (code, options) => {
    await using server = await stubServer((_, response) => response.destroy());
    await using harness = await withoutTimer({ baseURL: server.url, ...options });
    for (const [attempts, seconds] of [
      [3, 1],
      [1, 1.5],
    ] as const) {
      const error = await failureOf(harness.tokens.getToken());
      expect(error).toMatchObject({ code: 'token_request_failed', attempts, cause: { code } });
      expect(error.message).toContain(code);
      expect(Number(error.retryAt) - Date.now()).toBe(seconds * 1_000);
      await elapse(seconds * 1_000);
    }
  });

  it('puts code, message and retryAt of the last error into the JSON of its status', async () => {
    await using harness = await withoutTimer();
    dokStamp.fail(401);
    const { code, message, retryAt } = await failureOf(harness.tokens.getToken());
    const status = JSON.parse(JSON.stringify(harness.tokens.status)) as { lastError: object };
    expect(status.lastError).toMatchObject({ code, message, retryAt: retryAt?.toISOString() });
  });
});

describe('a pause', () => {
  // test/e2e/token/dates.spec.ts has the jumps of the wall clock.
  it('is over for a call at retryAt, which has no parts of a millisecond', async () => {
    await using harness = await withoutTimer();
    vi.advanceTimersByTime(0.7);
    dokStamp.fail(503);
    const { retryAt } = await failureOf(harness.tokens.getToken());
    const requests = dokStamp.tokenRequests;
    vi.advanceTimersByTime(999.3);
    expect(Date.now()).toBe(Number(retryAt));
    await failureOf(harness.tokens.getToken());
    expect(dokStamp.tokenRequests).toBe(requests + 1);
  });
});
