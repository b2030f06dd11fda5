import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { rejectionOf } from '../../support/stub-account.js';
import { issueToken } from '../../support/stub-server.js';
import { drawRandom, elapse, freezeTime, idle } from '../../support/time.js';
import { tokenHarness } from '../../support/token-harness.js';

let dokStamp: MemoryDokStamp;

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
});

const inMs = (ms: number) => new Date(Date.now() + ms);

describe('a renewal', () => {
  it.each([
    { lifetime: 10, dueAt: 8 },
    { lifetime: 60, dueAt: 48 },
    { lifetime: 300, dueAt: 240 },
    { lifetime: 43_200, dueAt: 43_140 },
  ])(
    'of a token of $lifetime s starts after $dueAt s, and callers are served the current token meanwhile',
    async ({ lifetime, dueAt }) => {
      dokStamp.expiresIn = lifetime;
      await using harness = await tokenHarness(dokStamp.options);
      await harness.tokens.getToken();
      dokStamp.holds = true;
      await elapse(dueAt * 1_000 - 1);
      expect(dokStamp.tokenRequests).toBe(1);
      await elapse(1);
      expect(dokStamp.tokenRequests).toBe(2);
      expect(await harness.tokens.getToken()).toBe('token_1');
      dokStamp.release();
      await idle();
      expect(harness.events).toMatchObject([
        { type: 'issued', reason: 'demand', source: 'endpoint' },
        { type: 'issued', reason: 'scheduled', source: 'endpoint' },
      ]);
      expect(await harness.tokens.getToken()).toBe('token_2');
    },
  );

  it.each([
    { lifetime: 43_200, before: 60, random: 0.5, due: 43_125_000 },
    { lifetime: 43_200, before: 60, random: 1 - Number.EPSILON, due: 43_110_000 },
    { lifetime: 100, before: 60, random: 0, due: 80_000 },
    { lifetime: 100, before: 60, random: 0.5, due: 75_000 },
    { lifetime: 100, before: 15, random: 0, due: 85_000 },
  ])(
    'is planned for $due ms after the request if the lifetime is $lifetime s, renewBeforeExpiry $before s and the random number $random',
    async ({ lifetime, before, random, due }) => {
      drawRandom(random);
      dokStamp.expiresIn = lifetime;
      await using harness = await tokenHarness({
        ...dokStamp.options,
        startup: 'background',
        renewBeforeExpiry: before,
      });
      await harness.tokens.getToken();
      expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(due));
    },
  );

  it('is planned from the time of the request, not of the response', async () => {
    dokStamp.expiresIn = 100;
    dokStamp.holds = true;
    await using harness = await tokenHarness(dokStamp.options);
    const token = harness.tokens.getToken();
    await elapse(9_000);
    dokStamp.release();
    await token;
    expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(71_000));
  });

  it.each([1, 5, 25, 60, 300])(
    'happens at most once for each 0.7 of a lifetime of %i s, however often callers ask for the token',
    async (lifetime) => {
      dokStamp.expiresIn = lifetime;
      await using harness = await tokenHarness(dokStamp.options);
      for (let part = 0; part < 100; part++) {
        await harness.tokens.getToken();
        await elapse(lifetime * 100);
      }
      expect(dokStamp.tokenRequests).toBeGreaterThanOrEqual(10);
      expect(dokStamp.tokenRequests).toBeLessThanOrEqual(Math.ceil(10 / 0.7));
    },
  );

  it('that fails does not end the current token, and is tried again after the pause', async () => {
    dokStamp.expiresIn = 300;
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    const working = dokStamp.tokenEndpoint;
    dokStamp.fail(503);
    await elapse(240_000);
    expect(harness.events.slice(1)).toMatchObject([
      { type: 'renewal-failed', error: { code: 'token_request_failed' } },
    ]);
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(harness.tokens.status).toMatchObject({
      state: 'valid',
      nextRenewalAt: inMs(1_000),
      blockedUntil: inMs(1_000),
    });
    dokStamp.tokenEndpoint = working;
    await elapse(1_000);
    expect(harness.events.at(-1)).toMatchObject({ type: 'issued', reason: 'scheduled' });
    expect(await harness.tokens.getToken()).toBe('token_3');
  });
});

describe('scheduled renewals', () => {
  it.each([0.001, 0.01, 0.3, 1])('start 1 s apart if the lifetime is %s s', async (lifetime) => {
    dokStamp.expiresIn = lifetime;
    await using harness = await tokenHarness({ ...dokStamp.options, startup: 'background' });
    await idle();
    expect(dokStamp.tokenRequests).toBe(1);
    await elapse(10_000);
    expect(dokStamp.tokenRequests).toBe(11);
    expect(harness.events.at(-1)).toMatchObject({ type: 'issued', reason: 'scheduled' });
  });

  it('start at least 1 s apart if callers request tokens between them', async () => {
    dokStamp.expiresIn = 0.2;
    await using harness = await tokenHarness(dokStamp.options);
    const scheduled: number[] = [];
    harness.tokens.events$.subscribe((event) => {
      if ('reason' in event && event.reason === 'scheduled') scheduled.push(performance.now());
    });
    for (let call = 0; call < 40; call++) {
      await harness.tokens.getToken();
      await elapse(130);
    }
    expect(scheduled.length).toBeGreaterThan(1);
    for (const [nth, at] of scheduled.slice(1).entries()) {
      expect(at - (scheduled[nth] ?? 0)).toBeGreaterThanOrEqual(1_000);
    }
  });

  it('start at least 1 s apart if the server asks for a shorter pause', async () => {
    await elapse(700);
    dokStamp.fail(429, { 'retry-after': 'Thu, 01 Jan 2026 00:00:01 GMT' });
    await using harness = await tokenHarness({ ...dokStamp.options, startup: 'background' });
    await idle();
    expect(harness.tokens.status).toMatchObject({
      blockedUntil: inMs(300),
      nextRenewalAt: inMs(1_000),
    });
    await elapse(999);
    expect(dokStamp.tokenRequests).toBe(1);
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('start 1 s apart if the server issues the same token of 1 s again', async () => {
    dokStamp.tokenEndpoint = (_, response) => issueToken(response, 'token_1', 1);
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    await elapse(20_000);
    // At 0.8 s, 1.8 s, ….
    expect(dokStamp.tokenRequests).toBe(21);
  });
});

describe('a token that has expired when its response arrives', () => {
  it('is not served, and counts as token_response_invalid', async () => {
    dokStamp.tokenEndpoint = (_, response) =>
      setTimeout(() => issueToken(response, 'token_1', 0.5), 600);
    await using harness = await tokenHarness(dokStamp.options);
    const failure = rejectionOf(harness.tokens.getToken());
    await elapse(1_800);
    expect(await failure).toMatchObject({
      code: 'token_response_invalid',
      attempts: 3,
      message: expect.stringContaining('expires_in'),
    });
    expect(dokStamp.tokenRequests).toBe(3);
    expect(harness.tokens.status.state).toBe('blocked');
  });
});
