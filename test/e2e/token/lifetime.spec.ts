import { inspect } from 'node:util';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { elapse, freezeTime, idle, jumpWallClock } from '../../support/time.js';
import { type TokenHarness, tokenHarness } from '../../support/token-harness.js';

const HOUR = 3_600_000;

let dokStamp: MemoryDokStamp;

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
});

/** An account whose first token lives for so many seconds, and whose renewals wait for `release()`. */
async function accountWithToken(lifetime: number): Promise<TokenHarness> {
  dokStamp.expiresIn = lifetime;
  const harness = await tokenHarness({ ...dokStamp.options, tokenTimeout: 1e12 });
  await harness.tokens.getToken();
  dokStamp.holds = true;
  return harness;
}

/** The next call waits for the token request that is held. */
async function expectNextToken({ tokens }: TokenHarness): Promise<void> {
  expect(tokens.status.state).toBe('expired');
  const next = tokens.getToken();
  await idle();
  dokStamp.release();
  expect(await next).toBe('token_2');
}

describe('a token', () => {
  it.each([
    { lifetime: 43_200, served: 43_195_000 },
    { lifetime: 300, served: 295_000 },
    { lifetime: 100, served: 95_000 },
    { lifetime: 10, served: 9_500 },
    { lifetime: 1, served: 950 },
  ])('of $lifetime s is served for $served ms', async ({ lifetime, served }) => {
    await using harness = await accountWithToken(lifetime);
    await elapse(served - 1);
    expect(harness.tokens.status.state).toBe('valid');
    expect(await harness.tokens.getToken()).toBe('token_1');
    await elapse(1);
    await expectNextToken(harness);
  });

  it('lives from the time when its request was sent', async () => {
    dokStamp.expiresIn = 100;
    dokStamp.holds = true;
    await using harness = await tokenHarness({ ...dokStamp.options, tokenTimeout: 1e12 });
    const sentAt = Date.now();
    const token = harness.tokens.getToken();
    await elapse(10_000);
    dokStamp.release();
    await token;
    dokStamp.holds = true;
    expect(harness.tokens.status).toMatchObject({
      issuedAt: new Date(sentAt),
      expiresAt: new Date(sentAt + 100_000),
    });
    await elapse(84_999);
    expect(await harness.tokens.getToken()).toBe('token_1');
    await elapse(1);
    await expectNextToken(harness);
  });

  it.each([
    { lifetime: '30 days', expiresIn: 30 * 86_400 },
    { lifetime: '10 years', expiresIn: 10 * 365 * 86_400 },
    { lifetime: '1e12 s', expiresIn: 1e12 },
    { lifetime: '300 digits', expiresIn: '9'.repeat(300) },
  ])('of $lifetime has valid dates, one timer and no early renewal', async ({ expiresIn }) => {
    dokStamp.expiresIn = expiresIn;
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    const { state, expiresAt, nextRenewalAt } = harness.tokens.status;
    expect(state).toBe('valid');
    expect(() => [expiresAt, nextRenewalAt].map((date) => date?.toISOString())).not.toThrow();
    expect(vi.getTimerCount()).toBe(1);
    await elapse(29 * 24 * HOUR);
    expect(dokStamp.tokenRequests).toBe(1);
    expect(await harness.tokens.getToken()).toBe('token_1');
  });

  it('cannot be read from the token service, its status and its events', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    await harness.tokens.renew();
    const shown = inspect([harness.tokens, harness.tokens.status, harness.events], {
      depth: null,
      showHidden: true,
    });
    expect(shown).not.toMatch(/token_\d/);
    expect(JSON.stringify([harness.tokens.status, harness.events])).not.toMatch(/token_\d/);
  });
});

describe('the clocks', () => {
  it('of a machine that slept end the token if only the wall clock counted the sleep', async () => {
    await using harness = await accountWithToken(100);
    jumpWallClock(94_999);
    expect(await harness.tokens.getToken()).toBe('token_1');
    jumpWallClock(1);
    await expectNextToken(harness);
  });

  it('end the token by the monotonic clock if the wall clock is set back', async () => {
    await using harness = await accountWithToken(100);
    jumpWallClock(-HOUR);
    await elapse(94_999);
    expect(await harness.tokens.getToken()).toBe('token_1');
    await elapse(1);
    await expectNextToken(harness);
  });

  it.each([
    { jump: HOUR, requests: 1 },
    { jump: -HOUR, requests: 1 },
    { jump: 24 * HOUR, requests: 2 },
  ])(
    'cause at most one early renewal when the wall clock jumps by $jump ms',
    async ({ jump, requests }) => {
      await using harness = await tokenHarness(dokStamp.options);
      await harness.tokens.getToken();
      jumpWallClock(jump);
      for (let call = 0; call < 5; call++) await harness.tokens.getToken();
      await elapse(60_000);
      await harness.tokens.getToken();
      expect(dokStamp.tokenRequests).toBe(requests);
    },
  );
});
