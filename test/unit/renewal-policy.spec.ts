import { describe, expect, it } from 'vitest';
import { renewalDueAfter, servedFor } from '../../lib/token/renewal-policy.js';
import { fc } from '../support/properties.js';

const HOUR = 3_600_000;

const lifetimes = fc.double({ min: 1, max: 1e15, noNaN: true });
const leads = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the time for which a token is served', () => {
  it.each([
    { lifetime: 12 * HOUR, served: 12 * HOUR - 5_000, why: '5 s are less than 5 %' },
    { lifetime: 100_000, served: 95_000, why: '5 s are 5 %' },
    { lifetime: 99_000, served: 94_050, why: '5 % are less than 5 s' },
    { lifetime: 10_000, served: 9_500, why: '5 % are less than 5 s' },
    { lifetime: 1_000, served: 950, why: '5 % are less than 5 s' },
  ])('is $served ms of $lifetime ms, because $why', ({ lifetime, served }) => {
    expect(servedFor(lifetime)).toBe(served);
  });

  it('is the lifetime without min(5 s, 5 %)', () => {
    fc.assert(
      fc.property(lifetimes, (lifetime) => {
        const margin = lifetime - servedFor(lifetime);
        expect(margin).toBeGreaterThan(0);
        // Subtraction of doubles costs a little at the far end.
        expect(margin).toBeCloseTo(Math.min(5_000, lifetime * 0.05), lifetime > 1e9 ? 0 : 3);
        expect(servedFor(lifetime)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a renewal', () => {
  it.each([
    { lifetime: 12 * HOUR, before: 60, random: 0, due: 12 * HOUR - 60_000 },
    { lifetime: 12 * HOUR, before: 60, random: 0.5, due: 12 * HOUR - 75_000 },
    { lifetime: 12 * HOUR, before: 60, random: 1, due: 12 * HOUR - 90_000 },
    { lifetime: 300_000, before: 60, random: 0, due: 240_000 },
    { lifetime: 300_000, before: 600, random: 0, due: 240_000 },
    { lifetime: 100_000, before: 60, random: 0, due: 80_000 },
    { lifetime: 100_000, before: 60, random: 0.5, due: 75_000 },
    { lifetime: 100_000, before: 15, random: 0, due: 85_000 },
    { lifetime: 1_000, before: 60, random: 0, due: 800 },
  ])(
    'is due $due ms after the request if the lifetime is $lifetime ms, renewBeforeExpiry $before s and the random number $random',
    ({ lifetime, before, random, due }) => {
      expect(renewalDueAfter(lifetime, before, random)).toBe(due);
    },
  );

  it('is due after the request and before the end, for any lifetime and renewBeforeExpiry', () => {
    fc.assert(
      fc.property(lifetimes, leads, randoms, (lifetime, before, random) => {
        const due = renewalDueAfter(lifetime, before, random);
        expect(due).toBeGreaterThan(0);
        // A double has no difference between a lifetime and one without a very small lead.
        if (lifetime + before * 1_000 * 0.5 > lifetime) expect(due).toBeLessThan(lifetime);
        else expect(due).toBeLessThanOrEqual(lifetime);
      }),
    );
  });

  it('is due between one lead and one and a half before the end, lead = min(renewBeforeExpiry, 20 %)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.integer({ min: 10, max: 10 ** 7 }),
        randoms,
        (lifetime, before, random) => {
          const lead = Math.min(before * 1_000, lifetime * 0.2);
          const early = lifetime - renewalDueAfter(lifetime, before, random);
          expect(early).toBeGreaterThanOrEqual(lead - 1e-6);
          expect(early).toBeLessThanOrEqual(lead * 1.5 + 1e-6);
        },
      ),
    );
  });

  it('is due earlier if the random number is higher, so a fleet does not renew together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 10 ** 9 }), randoms, randoms, (lifetime, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const dueAtLow = renewalDueAfter(lifetime, 60, low);
        expect(renewalDueAfter(lifetime, 60, high)).toBeLessThanOrEqual(dueAtLow);
      }),
    );
  });

  it('is due while the token is still served, if renewBeforeExpiry is longer than the margin', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.integer({ min: 6, max: 10 ** 7 }),
        randoms,
        (lifetime, before, random) => {
          expect(renewalDueAfter(lifetime, before, random)).toBeLessThan(servedFor(lifetime));
        },
      ),
    );
  });
});
