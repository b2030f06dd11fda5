import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AccessToken, sentNow } from '../../lib/token/access-token.js';
import { ManualClock } from '../support/manual-clock.js';
import { fc } from '../support/properties.js';

function issued(lifetimeMs = 100_000) {
  const clock = new ManualClock();
  return { clock, token: new AccessToken('token_1', lifetimeMs, sentNow(clock)) };
}

describe('an access token', () => {
  it('lives from the moment the request was sent', () => {
    const clock = new ManualClock();
    const sentAt = sentNow(clock);
    const sentOn = clock.wall;
    clock.advance(10_000);
    const token = new AccessToken('token_1', 100_000, sentAt);
    expect(token.issuedAt).toEqual(new Date(sentOn));
    expect(token.expiresAt).toEqual(new Date(sentOn + 100_000));
    expect(token.remainingMs(clock)).toBe(90_000);
    clock.advance(85_000);
    expect(token.isServed(clock)).toBe(false);
  });

  it.each([
    { lifetime: 100_000, last: 95_000 },
    { lifetime: 43_200_000, last: 43_195_000 },
    { lifetime: 10_000, last: 9_500 },
  ])('of $lifetime ms is served for $last ms and no longer', ({ lifetime, last }) => {
    const { clock, token } = issued(lifetime);
    expect(token.isServed(clock)).toBe(true);
    clock.advance(last - 1);
    expect(token.isServed(clock)).toBe(true);
    clock.advance(1);
    expect(token.isServed(clock)).toBe(false);
  });

  it('is over when the wall clock says so, though the monotonic one slept', () => {
    const { clock, token } = issued();
    clock.wall += 95_000;
    expect(token.isServed(clock)).toBe(false);
    expect(token.remainingMs(clock)).toBe(5_000);
  });

  it('is over when the monotonic clock says so, though the wall clock was set back', () => {
    const { clock, token } = issued();
    clock.wall -= 3_600_000;
    clock.mono += 95_000;
    expect(token.isServed(clock)).toBe(false);
    expect(token.remainingMs(clock)).toBe(5_000);
  });

  it('stays served while a clock that was set back says it is not even issued', () => {
    const { clock, token } = issued();
    clock.wall -= 3_600_000;
    expect(token.isServed(clock)).toBe(true);
    expect(token.remainingMs(clock)).toBe(100_000);
  });

  it('has nothing left after its end', () => {
    const { clock, token } = issued();
    clock.advance(1_000_000);
    expect(token.remainingMs(clock)).toBe(0);
  });

  it.each([1e15, 1e18, Number.MAX_VALUE])(
    'may live for %d ms: the dates stay dates',
    (lifetime) => {
      const { clock, token } = issued(lifetime);
      expect(token.expiresAt.getTime()).toBeLessThanOrEqual(8.64e15);
      expect(() => token.expiresAt.toISOString()).not.toThrow();
      expect(token.isServed(clock)).toBe(true);
    },
  );

  it('gives its value, and shows it nowhere', () => {
    const { token } = issued();
    expect(token.value).toBe('token_1');
    expect(inspect(token, { depth: null, showHidden: true })).not.toContain('token_1');
    expect(JSON.stringify(token)).not.toContain('token_1');
  });

  it('is served only while both clocks are within its served part, however they move', () => {
    const steps = fc.integer({ min: -200_000, max: 200_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), steps, fc.nat(200_000), (life, w, m) => {
        const { clock, token } = issued(life);
        clock.wall += w;
        clock.mono += m;
        const limit = life - Math.min(5_000, life * 0.05);
        expect(token.isServed(clock)).toBe(w < limit && m < limit);
        expect(token.remainingMs(clock)).toBe(Math.max(0, life - Math.max(w, m)));
      }),
    );
  });
});
