import { beforeEach, describe, expect, it } from 'vitest';
import { RenewalBackoff } from '../../lib/http/authorization/renewal-backoff.js';
import { ManualClock } from '../support/manual-clock.js';

let clock: ManualClock;
let backoff: RenewalBackoff;

beforeEach(() => {
  clock = new ManualClock();
  backoff = new RenewalBackoff(() => clock.monotonic());
});

/** For how long no renewal may be made from now on. */
function heldFor(): number {
  let ms = 0;
  for (; backoff.isHolding; ms += 100) clock.advance(100);
  return ms;
}

describe('renewals that do not help', () => {
  it('are not held back at first', () => {
    expect(backoff.isHolding).toBe(false);
    backoff.answered('token_1', 401, false);
    expect(backoff.isHolding).toBe(false);
  });

  it('are held back for 1 s, doubling to 5 s, from when the new token is refused', () => {
    const holds = Array.from({ length: 5 }, (_, nth) => {
      backoff.renewed(`token_${nth}`);
      expect(backoff.isHolding).toBe(false);
      clock.advance(900);
      backoff.answered(`token_${nth}`, 401, true);
      return heldFor();
    });
    expect(holds).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('count once for each token, however many waited for it or are refused with it', () => {
    for (let waiter = 0; waiter < 50; waiter++) backoff.renewed('token_2');
    for (let answer = 0; answer < 50; answer++) {
      backoff.answered('token_2', 401, false);
      clock.advance(10);
    }
    expect(heldFor()).toBe(500);
  });

  it('are held back beside any number of calls that succeed', () => {
    backoff.renewed('token_2');
    for (let call = 0; call < 50; call++) backoff.answered('token_2', 200, false);
    backoff.answered('token_2', 401, false);
    for (let call = 0; call < 50; call++) backoff.answered('token_2', 200, false);
    expect(heldFor()).toBe(1_000);
  });

  it.each([200, 403, 404, 422])('are not, once a replay is answered with %d', (status) => {
    for (const token of ['token_2', 'token_3']) {
      backoff.renewed(token);
      backoff.answered(token, 401, true);
    }
    expect(backoff.answered('token_3', status, true)).toBe(true);
    expect(backoff.isHolding).toBe(false);
    backoff.renewed('token_4');
    backoff.answered('token_4', 401, true);
    expect(heldFor()).toBe(1_000);
  });

  it.each([429, 502, 503])('have no verdict by a replay that is answered with %d', (status) => {
    backoff.renewed('token_2');
    expect(backoff.answered('token_2', status, true)).toBe(false);
    backoff.answered('token_2', 401, false);
    expect(backoff.isHolding).toBe(false);
  });

  it('have none either where the new token is refused long after: it may have been revoked since', () => {
    backoff.renewed('token_2');
    clock.advance(5_001);
    backoff.answered('token_2', 401, false);
    expect(backoff.isHolding).toBe(false);
  });

  it('go by the monotonic clock', () => {
    backoff.renewed('token_2');
    backoff.answered('token_2', 401, true);
    clock.wall += 86_400_000;
    expect(backoff.isHolding).toBe(true);
  });
});

describe('a token that is refused', () => {
  const answers = (...statuses: number[]) => {
    for (const status of statuses) backoff.answered('token_1', status, false);
  };

  it('is dead after three 401 in a row', () => {
    answers(401, 401);
    expect(backoff.isDead('token_1')).toBe(false);
    answers(401);
    expect(backoff.isDead('token_1')).toBe(true);
    expect(backoff.isDead('token_2')).toBe(false);
  });

  it('is not, where another answer came between', () => {
    answers(401, 401, 404, 401, 401);
    expect(backoff.isDead('token_1')).toBe(false);
  });

  it.each([429, 502, 503])('is, whatever a gateway answers between: %d', (status) => {
    answers(401, status, 401, status, 401);
    expect(backoff.isDead('token_1')).toBe(true);
  });

  it('is counted apart from another one', () => {
    answers(401, 401);
    backoff.answered('token_2', 401, false);
    answers(401);
    expect(backoff.isDead('token_1')).toBe(false);
  });
});
