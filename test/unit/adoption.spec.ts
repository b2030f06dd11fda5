import { describe, expect, it } from 'vitest';
import { AccessToken, sentNow } from '../../lib/token/access-token.js';
import { isWanted } from '../../lib/token/adoption.js';
import { ManualClock } from '../support/manual-clock.js';

const HOUR = 3_600_000;

describe('the token of another process that is in use here already', () => {
  const clock = new ManualClock();
  const latest = new AccessToken('token_1', 12 * HOUR, sentNow(clock));
  const known = { accessToken: 'token_1', issuedAt: 1_000 };
  // By a wall clock that is behind, it looks younger than it is.
  const found = { ...known, lifetimeMs: 13 * HOUR, ageMs: 0, hasAppeared: false };

  it('is no news, however young it looks by another clock', () => {
    const wish = { reason: 'scheduled', latest } as const;
    expect(isWanted(found, wish, new Set(), clock, known)).toBe(false);
  });

  it('is wanted where it was issued again, and lives longer', () => {
    const wish = { reason: 'scheduled', latest } as const;
    expect(isWanted({ ...found, issuedAt: 2_000 }, wish, new Set(), clock, known)).toBe(true);
  });
});
