import { describe, expect, it } from 'vitest';
import { nextLook } from '../../lib/shared-token/look-schedule.js';

const LEASE_MS = 11_000;

/** The looks of one process that waits for so long, by their time. */
function looksUntil(endMs: number, random: number) {
  const looks: { at: number; triesLease: boolean }[] = [];
  for (let at = 0; at < endMs;) {
    const { afterMs, triesLease } = nextLook(looks.length, at, LEASE_MS, random);
    at += afterMs;
    looks.push({ at, triesLease });
  }
  return looks;
}

describe('looking for the token of another process', () => {
  it.each([0, 0.5, 0.999])(
    'finds one within 1.2 times its time and 150 ms (chance %d)',
    (random) => {
      for (let tookMs = 0; tookMs < 10_000; tookMs += 10) {
        const found = looksUntil(tookMs + 5_000, random).find(({ at }) => at >= tookMs);
        expect(found?.at).toBeLessThanOrEqual(1.2 * tookMs + 150);
      }
    },
  );

  it.each([0, 0.5, 0.999])(
    'costs at most 12 commands with the first ones, for a second (chance %d)',
    (random) => {
      const looks = looksUntil(1_000, random);
      const forLease = looks.filter(({ triesLease, at }) => triesLease && at < 1_000).length;
      expect(2 + looks.length + forLease).toBeLessThanOrEqual(12);
    },
  );

  it('looks at gaps that grow', () => {
    const times = looksUntil(10_000, 0).map(({ at }) => at);
    const gaps = times.map((at, index) => at - (times[index - 1] ?? 0));
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
  });

  it('tries for the lease when that must have ended, and soon again', () => {
    const atTheEnd = looksUntil(13_000, 0.5).filter(({ at }) => at >= LEASE_MS);
    expect(atTheEnd[0]).toMatchObject({ triesLease: true });
    expect(atTheEnd[0]!.at).toBeLessThan(LEASE_MS + 100);
    expect(atTheEnd[1]).toMatchObject({ triesLease: true });
  });
});
