import { describe, expect, it } from 'vitest';
import { ageOf } from '../../lib/shared-token/token-age.js';

const NOW = 1_767_225_600_000;
const HOUR = 3_600_000;
const grant = (issuedAgo: number) => ({
  accessToken: 'token_1',
  lifetimeMs: 12 * HOUR,
  issuedAt: NOW - issuedAgo,
  ageMs: 200,
});

describe('the age of a token from the store', () => {
  it('is told by the wall clocks where nobody has seen it appear', () => {
    expect(ageOf(grant(HOUR), NOW, Infinity)).toBe(HOUR);
  });

  it('is at least what it was when it was written', () => {
    expect(ageOf(grant(0), NOW, Infinity)).toBe(200);
    expect(ageOf(grant(-20_000), NOW, Infinity)).toBe(200);
  });

  it('is unknown where it comes from the future by more than clocks differ', () => {
    expect(ageOf(grant(-31_000), NOW, Infinity)).toBeUndefined();
    expect(ageOf(grant(-HOUR), NOW, Infinity)).toBeUndefined();
  });

  it('is bounded by the own clock where it was seen to appear, whatever the clocks say', () => {
    for (const skew of [-HOUR, 0, HOUR]) {
      const age = ageOf(grant(500 + skew), NOW, 400);
      expect(age).toBeGreaterThanOrEqual(200);
      expect(age).toBeLessThanOrEqual(600);
    }
  });
});
