import { beforeEach, describe, expect, it } from 'vitest';
import { RenewalHoldback } from '../../lib/http/authorization/renewal-backoff.js';
import { ManualClock } from '../support/manual-clock.js';

let clock: ManualClock;
let holdback: RenewalHoldback;

beforeEach(() => {
  clock = new ManualClock();
  holdback = new RenewalHoldback(() => clock.monotonic());
});

describe('the holdback of renewals', () => {
  it('holds nothing at first', () => {
    expect(holdback.isHolding).toBe(false);
    expect(holdback.isDoubtful).toBe(false);
  });

  it('holds for 1 s, doubling to 5 s', () => {
    for (const [nth, ms] of [1_000, 2_000, 4_000, 5_000, 5_000].entries()) {
      holdback.refusedAgain(`token_${nth}`);
      clock.advance(ms - 1);
      expect(holdback.isHolding).toBe(true);
      clock.advance(1);
      expect(holdback.isHolding).toBe(false);
      expect(holdback.isDoubtful).toBe(true);
    }
  });

  it('counts a token once, however many replays with it are refused', () => {
    for (let replay = 0; replay < 50; replay++) holdback.refusedAgain('token_2');
    clock.advance(1_000);
    expect(holdback.isHolding).toBe(false);
  });

  it('ends when a replay helps, and starts at 1 s again', () => {
    holdback.refusedAgain('token_2');
    holdback.refusedAgain('token_3');
    holdback.helped();
    expect(holdback.isHolding).toBe(false);
    expect(holdback.isDoubtful).toBe(false);
    holdback.refusedAgain('token_4');
    clock.advance(1_000);
    expect(holdback.isHolding).toBe(false);
  });

  it('goes by the monotonic clock', () => {
    holdback.refusedAgain('token_2');
    clock.wall += 86_400_000;
    expect(holdback.isHolding).toBe(true);
  });

  it('counts a new token that went into no replay when the first request with it is refused', () => {
    holdback.untried('token_2');
    expect(holdback.isHolding).toBe(false);
    holdback.refused('token_1');
    expect(holdback.isHolding).toBe(false);
    holdback.refused('token_2');
    expect(holdback.isHolding).toBe(true);
  });

  it('does not count it when it has been accepted before', () => {
    holdback.untried('token_2');
    holdback.accepted('token_2');
    holdback.refused('token_2');
    expect(holdback.isHolding).toBe(false);
  });
});
