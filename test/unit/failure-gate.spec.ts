import { beforeEach, describe, expect, it } from 'vitest';
import { DokStampError, type DokStampErrorCode } from '../../lib/index.js';
import { FailureGate } from '../../lib/token/failure-gate.js';
import { ManualClock } from '../support/manual-clock.js';

let clock: ManualClock;
let gate: FailureGate;

beforeEach(() => {
  clock = new ManualClock();
  gate = new FailureGate(clock);
});

const failure = (code: DokStampErrorCode = 'token_request_failed', retryAt?: Date) =>
  new DokStampError(code, 'It failed.', retryAt ? { retryAt } : {});

/** Closes the gate and lets it open again; for how long it was closed. */
function closedFor(code: DokStampErrorCode): number {
  gate.close(failure(code));
  const ms = gate.remainingMs;
  clock.advance(ms);
  return ms;
}

describe('the gate', () => {
  it('is open at first', () => {
    expect(gate).toMatchObject({ closedWith: undefined, lastError: undefined, remainingMs: 0 });
    expect(gate.waitsForCredentials).toBe(false);
  });

  it('closes after a failure and remembers the error, which then carries retryAt', () => {
    const error = failure();
    const remembered = gate.close(error);
    expect(remembered.retryAt).toEqual(new Date(clock.wall + 1_000));
    expect(remembered).toMatchObject({ code: error.code, message: error.message });
    expect(error.retryAt).toBeUndefined();
    expect(gate.closedWith).toBe(remembered);
    expect(gate.lastError).toBe(remembered);
  });

  it('opens by itself when its time is over; the error stays the last one', () => {
    const remembered = gate.close(failure());
    clock.advance(999);
    expect(gate.closedWith).toBe(remembered);
    expect(gate.remainingMs).toBe(1);
    clock.advance(1);
    expect(gate.closedWith).toBeUndefined();
    expect(gate.remainingMs).toBe(0);
    expect(gate.lastError).toBe(remembered);
  });

  it('stays closed half as long again after each outage, to 30 s', () => {
    const pauses = Array.from({ length: 11 }, () => closedFor('token_request_failed'));
    expect(pauses.slice(0, 3)).toEqual([1_000, 1_500, 2_250]);
    for (const [n, pause] of pauses.entries()) {
      expect(Math.abs(pause - Math.min(1_000 * 1.5 ** n, 30_000))).toBeLessThanOrEqual(1);
    }
    expect(pauses.slice(-2)).toEqual([30_000, 30_000]);
  });

  it.each<DokStampErrorCode>(['invalid_client', 'token_request_rejected'])(
    'stays closed twice as long after each %s, to 5 min',
    (code) => {
      const pauses = Array.from({ length: 6 }, () => closedFor(code));
      expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
    },
  );

  it('counts outages and refusals apart', () => {
    expect(closedFor('token_request_failed')).toBe(1_000);
    expect(closedFor('invalid_client')).toBe(30_000);
    expect(closedFor('credentials_unavailable')).toBe(1_500);
    expect(closedFor('token_request_rejected')).toBe(60_000);
  });

  it('stays closed as long as the server asked', () => {
    const retryAt = new Date(clock.wall + 7_000);
    expect(gate.close(failure('token_rate_limited', retryAt)).retryAt).toEqual(retryAt);
    expect(gate.remainingMs).toBe(7_000);
  });

  it('tells the same time on both clocks: what is left, and retryAt', () => {
    for (let failures = 0; failures < 12; failures++) {
      const { retryAt } = gate.close(failure());
      expect(retryAt?.getTime()).toBe(clock.wall + gate.remainingMs);
      clock.advance(gate.remainingMs);
    }
  });

  it('forgets every failure when a token comes', () => {
    closedFor('token_request_failed');
    closedFor('invalid_client');
    gate.close(failure());
    gate.reset();
    expect(gate).toMatchObject({ closedWith: undefined, lastError: undefined, remainingMs: 0 });
    expect(closedFor('token_request_failed')).toBe(1_000);
    expect(closedFor('invalid_client')).toBe(30_000);
  });

  it('neither opens nor locks when the wall clock jumps', () => {
    gate.close(failure());
    clock.wall += 86_400_000;
    expect(gate.remainingMs).toBe(1_000);
    clock.wall -= 2 * 86_400_000;
    expect(gate.remainingMs).toBe(1_000);
    clock.mono += 1_000;
    expect(gate.closedWith).toBeUndefined();
  });
});

describe('a refusal', () => {
  it.each<[DokStampErrorCode, boolean]>([
    ['invalid_client', true],
    ['token_request_rejected', true],
    ['token_request_failed', false],
    ['token_rate_limited', false],
    ['token_response_invalid', false],
    ['credentials_unavailable', false],
  ])('is what another pair may help against: %s is one: %s', (code, waits) => {
    gate.close(failure(code));
    expect(gate.waitsForCredentials).toBe(waits);
  });

  it('ends with another pair: the gate opens, and counts refusals anew', () => {
    closedFor('invalid_client');
    const remembered = gate.close(failure('invalid_client'));
    gate.open();
    expect(gate.closedWith).toBeUndefined();
    expect(gate.lastError).toBe(remembered);
    expect(closedFor('invalid_client')).toBe(30_000);
  });
});
