import { describe, expect, it, vi } from 'vitest';
import { retryAfterMs } from '../../lib/token/retry-after.js';
import { anyText } from '../support/any-text.js';
import { fc } from '../support/properties.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1_000).toUTCString();

describe('Retry-After', () => {
  it.each([
    ['1', 1_000],
    ['30', 30_000],
    [' 30 ', 30_000],
    ['007', 7_000],
    ['300', 300_000],
    ['301', 300_000],
    ['99999999999999999999', 300_000],
    ['9'.repeat(400), 300_000],
  ])('of %j seconds is %d ms, at most 5 minutes', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });

  it.each([
    [inSeconds(1), 1_000],
    [inSeconds(90), 90_000],
    [inSeconds(86_400), 300_000],
    ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
    ['Thu Jan  1 00:00:30 2026 GMT', 30_000],
  ])('with the date %s is %d ms, at most 5 minutes', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });

  it.each([
    ['zero', '0'],
    ['zeros', '000'],
    ['a negative number', '-5'],
    ['a fraction', '1.5'],
    ['an exponent', '1e3'],
    ['a hexadecimal', '0x10'],
    ['a sign', '+5'],
    ['a unit', '5s'],
    ['empty', ''],
    ['blank', '   '],
    ['a word', 'soon'],
    ['an ISO date', '2026-01-01T00:00:30Z'],
    ['two values', '5, 6'],
    ['now', inSeconds(0)],
    ['a past date', inSeconds(-1)],
    ['an impossible date', 'Thu, 99 Foo 2026 99:99:99 GMT'],
  ])('is ignored if it is %s', (_, header) => {
    expect(retryAfterMs(header, NOW)).toBeUndefined();
  });

  it.each([[undefined], [null], [5], [['5']], [{}], [true]])(
    'is ignored if it is not a string: %j',
    (header) => {
      expect(retryAfterMs(header, NOW)).toBeUndefined();
    },
  );

  it('is ignored or between 0 and 5 min, for any text at any time', () => {
    const texts = fc.oneof(
      fc.string(),
      anyText(),
      fc.bigInt().map(String),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    const nows = fc.oneof(fc.constant(NOW), fc.integer({ min: 0, max: 8.64e15 }));
    fc.assert(
      fc.property(texts, nows, (header, now) => {
        const ms = retryAfterMs(header, now);
        if (ms === undefined) return;
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(300_000);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a Retry-After date in the form of asctime', () => {
  it('is read as UTC in each time zone', () => {
    for (const TZ of ['America/New_York', 'Asia/Tokyo', 'UTC']) {
      vi.stubEnv('TZ', TZ);
      const now = Date.UTC(2026, 0, 1, 12, 0, 0);
      expect(retryAfterMs('Thu Jan  1 12:00:20 2026', now)).toBe(20_000);
    }
  });
});
