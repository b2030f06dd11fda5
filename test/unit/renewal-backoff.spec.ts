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

  it('are held back for 1 s, doubling to 5 s', () => {
    const holds = Array.from({ length: 5 }, (_, nth) => {
      backoff.renewed(`token_${nth}`, 'get /x');
      backoff.answered(`token_${nth}`, 401, true);
      return heldFor();
    });
    expect(holds).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('are held back from when the new token is refused, once for each token', () => {
    backoff.renewed('token_2', 'get /x');
    clock.advance(900);
    backoff.answered('token_2', 401, true);
    clock.advance(900);
    for (let other = 0; other < 50; other++) backoff.answered('token_2', 401, false);
    expect(heldFor()).toBe(100);
  });

  it('count once, however many waited for the token', () => {
    for (let waiter = 0; waiter < 50; waiter++) backoff.renewed('token_2', 'get /x');
    expect(heldFor()).toBe(1_000);
  });

  it('are held back beside any number of calls that succeed', () => {
    backoff.renewed('token_2', 'get /x');
    for (let call = 0; call < 50; call++) backoff.answered('token_2', 200, false);
    backoff.answered('token_2', 401, false);
    expect(heldFor()).toBe(1_000);
  });

  it.each([200, 403, 503])('are not, once a replay is answered with %d', (status) => {
    backoff.renewed('token_2', 'get /x');
    backoff.renewed('token_3', 'get /x');
    backoff.answered('token_3', status, true);
    expect(backoff.isHolding).toBe(false);
    backoff.renewed('token_4', 'get /x');
    expect(heldFor()).toBe(1_000);
  });

  it('are told apart by the request that was refused', () => {
    const request = () => 'get /x';
    expect(backoff.isRepeated(request)).toBe(false);
    backoff.renewed('token_2', 'get /x');
    expect(backoff.isRepeated(request)).toBe(true);
    expect(backoff.isRepeated(() => 'get /y')).toBe(false);
    backoff.answered('token_2', 200, true);
    expect(backoff.isRepeated(request)).toBe(false);
  });

  it('go by the monotonic clock', () => {
    backoff.renewed('token_2', 'get /x');
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

  it('is counted apart from another one', () => {
    answers(401, 401);
    backoff.answered('token_2', 401, false);
    answers(401);
    expect(backoff.isDead('token_1')).toBe(false);
  });
});
