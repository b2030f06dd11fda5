import { describe, expect, it } from 'vitest';
import type { DokStampErrorCode } from '../../lib/index.js';
import {
  MOST_ATTEMPTS,
  gateClosedFor,
  isRefusal,
  isWorthAnotherAttempt,
  pauseBeforeRetry,
} from '../../lib/token/backoff-policy.js';
import { fc } from '../support/properties.js';

describe('attempts within one acquisition', () => {
  it('are three at most', () => {
    expect(MOST_ATTEMPTS).toBe(3);
  });

  it.each<[DokStampErrorCode, boolean]>([
    ['token_request_failed', true],
    ['token_response_invalid', true],
    ['credentials_unavailable', true],
    ['token_rate_limited', false],
    ['invalid_client', false],
    ['token_request_rejected', false],
    ['token_wait_timeout', false],
    ['closed', false],
    ['config_invalid', false],
  ])('after %s another is worth it: %s', (code, worth) => {
    expect(isWorthAnotherAttempt(code)).toBe(worth);
  });
});

describe('the pause before another attempt', () => {
  it.each([
    { made: 1, random: 0, pause: 0 },
    { made: 1, random: 0.5, pause: 100 },
    { made: 1, random: 1, pause: 200 },
    { made: 2, random: 0, pause: 0 },
    { made: 2, random: 0.5, pause: 200 },
    { made: 2, random: 1, pause: 400 },
  ])('is $pause ms after $made attempts with a random $random', ({ made, random, pause }) => {
    expect(pauseBeforeRetry(made, random)).toBe(pause);
  });

  it('has full jitter: anything from nothing to 200 ms, doubled for each attempt made', () => {
    const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MOST_ATTEMPTS }), chances, (made, random) => {
        const pause = pauseBeforeRetry(made, random);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(200 * 2 ** (made - 1));
      }),
    );
  });
});

describe('how long the gate stays closed', () => {
  const outages: DokStampErrorCode[] = [
    'token_request_failed',
    'token_response_invalid',
    'token_rate_limited',
    'credentials_unavailable',
  ];
  const refusals: DokStampErrorCode[] = ['invalid_client', 'token_request_rejected'];

  const afterOutages = [1_000, 1_500, 2_250, 3_375, 5_062.5, 7_593.75, 11_390.625, 17_085.9375];

  it.each(outages)('is 1 s after %s, then half as long again each time, to 30 s', (code) => {
    expect(isRefusal(code)).toBe(false);
    const closed = Array.from({ length: 11 }, (_, before) => gateClosedFor(code, before));
    expect(closed).toEqual([...afterOutages, 25_628.90625, 30_000, 30_000]);
  });

  it.each(refusals)('is 30 s after %s, doubling to 5 min', (code) => {
    expect(isRefusal(code)).toBe(true);
    const closed = Array.from({ length: 6 }, (_, before) => gateClosedFor(code, before));
    expect(closed).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  });

  it('never grows beyond its limit, however many failures came before', () => {
    const codes = fc.constantFrom(...outages, ...refusals);
    fc.assert(
      fc.property(codes, fc.integer({ min: 0, max: 1_000_000 }), (code, before) => {
        const closed = gateClosedFor(code, before);
        expect(closed).toBeGreaterThanOrEqual(isRefusal(code) ? 30_000 : 1_000);
        expect(closed).toBeLessThanOrEqual(isRefusal(code) ? 300_000 : 30_000);
      }),
    );
  });

  it('lags the end of an outage by about a third of its length at most', () => {
    for (let failures = 1; failures < 9; failures++) {
      const pauses = Array.from({ length: failures }, (_, before) =>
        gateClosedFor('token_request_failed', before),
      );
      const outage = pauses.reduce((sum, pause) => sum + pause, 0);
      const lag = gateClosedFor('token_request_failed', failures);
      // The next pause is half of all before it, plus the first second: a third of the time until it ends.
      expect(lag).toBeLessThanOrEqual((outage + lag) / 3 + 1_000);
    }
  });
});
