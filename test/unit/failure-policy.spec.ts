import { describe, expect, it } from 'vitest';
import { pauseAfter, pauseBeforeRetry, policyFor } from '../../lib/token/failure-policy.js';
import { fc } from '../support/properties.js';

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

  it('is between 0 and 200 ms, doubled for each attempt', () => {
    const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), chances, (made, random) => {
        const pause = pauseBeforeRetry(made, random);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(200 * 2 ** (made - 1));
      }),
    );
  });
});

describe('the pause after a failed acquisition', () => {
  const outage = policyFor('token_request_failed');
  const refusal = policyFor('invalid_client');
  const afterOutages = [1_000, 1_500, 2_250, 3_375, 5_063, 7_594, 11_391, 17_086];

  it.each([
    'token_request_failed',
    'token_response_invalid',
    'token_rate_limited',
    'credentials_unavailable',
  ] as const)('is 1 s after %s, and half as long again each time, to 30 s', (code) => {
    const pauses = Array.from({ length: 11 }, (_, n) => pauseAfter(policyFor(code), n));
    expect(pauses).toEqual([...afterOutages, 25_629, 30_000, 30_000]);
  });

  it.each(['invalid_client', 'token_request_rejected'] as const)(
    'is 30 s after %s, and doubles to 5 min',
    (code) => {
      const pauses = Array.from({ length: 6 }, (_, n) => pauseAfter(policyFor(code), n));
      expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
    },
  );

  it('stays within its limits after any number of failures', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (before) => {
        expect(pauseAfter(outage, before)).toBeGreaterThanOrEqual(1_000);
        expect(pauseAfter(outage, before)).toBeLessThanOrEqual(30_000);
        expect(pauseAfter(refusal, before)).toBeGreaterThanOrEqual(30_000);
        expect(pauseAfter(refusal, before)).toBeLessThanOrEqual(300_000);
      }),
    );
  });

  it('ends after an outage by about a third of its length at most', () => {
    for (let failures = 1; failures < 9; failures++) {
      const pauses = Array.from({ length: failures }, (_, n) => pauseAfter(outage, n));
      const length = pauses.reduce((sum, pause) => sum + pause, 0);
      const lag = pauseAfter(outage, failures);
      // The next pause is half of all before it, plus the first second: a third of the time until it ends.
      expect(lag).toBeLessThanOrEqual((length + lag) / 3 + 1_001);
    }
  });
});
