import { beforeEach, describe, expect, it } from 'vitest';
import { DokStampError } from '../../../lib/index.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { fc } from '../../support/properties.js';
import { rejectionOf } from '../../support/stub-account.js';
import { elapse, freezeTime, jumpWallClock } from '../../support/time.js';
import { type TokenHarness, tokenHarness } from '../../support/token-harness.js';

const HOUR = 3_600_000;

let dokStamp: MemoryDokStamp;

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
});

const inMs = (ms: number) => new Date(Date.now() + ms);

/** An account whose next renewal, and whose token requests, are due in 60 s: the server has asked for this pause. */
async function pausedAccount(): Promise<TokenHarness> {
  dokStamp.fail(429, { 'retry-after': '60' });
  const harness = await tokenHarness(dokStamp.options);
  await rejectionOf(harness.tokens.getToken());
  return harness;
}

/** The three dates for the end of the pause, which are the same. */
async function pausedUntil({ tokens }: TokenHarness): Promise<Date> {
  const { retryAt } = await rejectionOf<DokStampError>(tokens.getToken());
  expect(retryAt).toBeInstanceOf(Date);
  const { state, blockedUntil, nextRenewalAt } = tokens.status;
  expect({ state, blockedUntil, nextRenewalAt }).toEqual({
    state: 'blocked',
    blockedUntil: retryAt,
    nextRenewalAt: retryAt,
  });
  return retryAt as Date;
}

describe('retryAt, blockedUntil and nextRenewalAt', () => {
  it('stay the same until the pause is over', async () => {
    await using harness = await pausedAccount();
    const expected = inMs(60_000);
    await elapse(30_000);
    expect(await pausedUntil(harness)).toEqual(expected);
    await elapse(29_999);
    expect(await pausedUntil(harness)).toEqual(expected);
    expect(dokStamp.tokenRequests).toBe(1);
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('stay the same while the two clocks drift apart by less than a second', async () => {
    await using harness = await pausedAccount();
    const expected = inMs(60_000);
    for (let second = 0; second < 50; second++) {
      await elapse(1_000);
      jumpWallClock(second % 2 ? -1 : 2);
      expect(await pausedUntil(harness)).toEqual(expected);
    }
  });

  it('are not in the past when the wall clock is a little ahead at the end of the pause', async () => {
    await using harness = await pausedAccount();
    await elapse(59_500);
    jumpWallClock(900);
    expect(await pausedUntil(harness)).toEqual(new Date());
    expect(dokStamp.tokenRequests).toBe(1);
  });

  it('move with a wall clock that is set, and the pause does not', async () => {
    await using harness = await pausedAccount();
    await elapse(20_000);
    for (const jump of [24 * HOUR, -48 * HOUR, HOUR]) {
      jumpWallClock(jump);
      expect(await pausedUntil(harness)).toEqual(inMs(40_000));
    }
    await elapse(39_999);
    expect(dokStamp.tokenRequests).toBe(1);
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('are never in the past, and within a second of the end of the pause, as the wall clock moves', async () => {
    await using harness = await pausedAccount();
    const ms = fc.oneof(fc.integer({ min: -2_000, max: 2_000 }), fc.integer());
    const moves = fc.array(fc.record({ wall: ms, both: fc.nat(20_000) }), { maxLength: 10 });
    const inTime = fc.asyncProperty(moves, async (all) => {
      let left = 60_000;
      for (const { wall, both } of all) {
        if (both >= left) break;
        jumpWallClock(wall);
        await elapse(both);
        left -= both;
        const until = (await pausedUntil(harness)).getTime();
        expect(until).toBeGreaterThanOrEqual(Date.now());
        expect(Math.abs(until - (Date.now() + left))).toBeLessThanOrEqual(1_000);
      }
      // The next pause begins.
      await elapse(left);
    });
    await fc.assert(inTime, { numRuns: 50, endOnFailure: true });
  });
});

describe('nextRenewalAt', () => {
  it('of a token moves with a wall clock that is set, and the renewal does not', async () => {
    dokStamp.expiresIn = 24 * 3_600;
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    await elapse(HOUR);
    for (const jump of [HOUR, -2 * HOUR]) {
      jumpWallClock(jump);
      expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(23 * HOUR - 60_000));
    }
    await elapse(23 * HOUR - 60_001);
    expect(dokStamp.tokenRequests).toBe(1);
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(2);
  });
});
