import { beforeEach, describe, expect, it } from 'vitest';
import { type TokenFailure, tokenFailure } from '../../lib/errors/failure-kinds.js';
import { FailureGate } from '../../lib/token/failure-gate.js';
import { ManualClock } from '../support/manual-clock.js';
import { fc } from '../support/properties.js';

type Code = TokenFailure['code'];

const OPEN = { isClosed: false, remainingMs: 0, waitsForCredentials: false };

let clock: ManualClock;
let gate: FailureGate;

beforeEach(() => {
  clock = new ManualClock();
  gate = new FailureGate(clock);
});

const failure = (code: Code = 'token_request_failed', retryAt?: Date) =>
  tokenFailure(code, 'It failed.', { status: 503, ...(retryAt && { retryAt }) });

const inMs = (ms: number) => new Date(clock.wall + ms);

/** Closes the gate and lets it open again; for how long it was closed. */
function closedFor(code: Code): number {
  gate.close(failure(code));
  const ms = gate.remainingMs;
  clock.advance(ms);
  return ms;
}

describe('the gate', () => {
  it('is open at first', () => {
    expect(gate).toMatchObject({ ...OPEN, hasFailed: false, lastError: undefined });
  });

  it('closes after a failure and remembers the error, which then carries retryAt', () => {
    const error = failure();
    expect(gate.close(error)).toBeUndefined();
    expect(gate).toMatchObject({ isClosed: true, hasFailed: true, remainingMs: 1_000 });
    const { code, message, status, retryable } = error;
    expect(gate.lastError).toMatchObject({
      code,
      message,
      status,
      retryable,
      retryAt: inMs(1_000),
    });
    expect(error.retryAt).toBeUndefined();
  });

  it('makes a new error for each who asks: axios adds its caller’s stack to each one', () => {
    gate.close(failure());
    const [first, second] = [gate.lastError, gate.lastError];
    expect(first).not.toBe(second);
    expect(first).toEqual(second);
  });

  it('opens by itself when its time is over; the error stays the last one', () => {
    gate.close(failure());
    const retryAt = inMs(1_000);
    clock.advance(999);
    expect(gate).toMatchObject({ isClosed: true, remainingMs: 1 });
    clock.advance(1);
    expect(gate).toMatchObject({ ...OPEN, hasFailed: true });
    expect(gate.lastError).toMatchObject({ code: 'token_request_failed', retryAt });
  });

  it('is open within the last millisecond: a Date tells no less, and who comes at retryAt is not too early', () => {
    clock.mono += 0.7;
    gate.close(failure());
    clock.wall += 1_000;
    clock.mono += 999.3;
    expect(clock.wall).toBe(gate.lastError?.retryAt?.getTime());
    expect(gate.isClosed).toBe(false);
  });

  it('stays closed half as long again after each outage, to 30 s', () => {
    const pauses = Array.from({ length: 11 }, () => closedFor('token_request_failed'));
    expect(pauses.slice(0, 3)).toEqual([1_000, 1_500, 2_250]);
    for (const [n, pause] of pauses.entries()) {
      expect(Math.abs(pause - Math.min(1_000 * 1.5 ** n, 30_000))).toBeLessThanOrEqual(1);
    }
    expect(pauses.slice(-2)).toEqual([30_000, 30_000]);
  });

  it.each<Code>(['invalid_client', 'token_request_rejected'])(
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

  it('forgets every failure when a token comes', () => {
    closedFor('token_request_failed');
    closedFor('invalid_client');
    gate.close(failure());
    gate.reset();
    expect(gate).toMatchObject({ ...OPEN, hasFailed: false, lastError: undefined });
    expect(closedFor('token_request_failed')).toBe(1_000);
    expect(closedFor('invalid_client')).toBe(30_000);
  });
});

describe('a server that asks to be left alone', () => {
  it('is left alone for as long as it asked', () => {
    const retryAt = inMs(7_000);
    gate.close(failure('token_rate_limited', retryAt));
    expect(gate.remainingMs).toBe(7_000);
    expect(gate.lastError?.retryAt).toEqual(retryAt);
  });

  it('is left alone for less than the backoff says too', () => {
    gate.close(failure('token_rate_limited', inMs(20)));
    expect(gate.remainingMs).toBe(20);
  });

  it.each([0, -1, -86_400_000])(
    'until a time that is past (by %d ms) has asked for nothing',
    (ms) => {
      gate.close(failure('token_rate_limited', inMs(ms)));
      expect(gate.remainingMs).toBe(1_000);
      expect(gate.lastError?.retryAt).toEqual(inMs(1_000));
    },
  );

  it('counts as an outage like any other', () => {
    gate.close(failure('token_rate_limited', inMs(7_000)));
    clock.advance(7_000);
    expect(closedFor('token_rate_limited')).toBe(1_500);
  });
});

describe('a wall clock that jumps', () => {
  it('neither opens nor locks the gate', () => {
    gate.close(failure());
    clock.wall += 86_400_000;
    expect(gate.remainingMs).toBe(1_000);
    clock.wall -= 2 * 86_400_000;
    expect(gate.remainingMs).toBe(1_000);
    clock.mono += 1_000;
    expect(gate.isClosed).toBe(false);
  });

  it.each([3_600_000, -3_600_000])('by %d ms moves retryAt with it', (jump) => {
    gate.close(failure('invalid_client'));
    clock.wall += jump;
    expect(gate.lastError?.retryAt).toEqual(inMs(30_000));
    clock.advance(10_000);
    expect(gate.lastError?.retryAt).toEqual(inMs(20_000));
  });

  it('does not move what the server asked for: that is kept as a length of time', () => {
    gate.close(failure('token_rate_limited', inMs(7_000)));
    clock.wall += 3_600_000;
    expect(gate.remainingMs).toBe(7_000);
    expect(gate.lastError?.retryAt).toEqual(inMs(7_000));
  });

  it('never leaves retryAt in the past while the gate is closed', () => {
    const codes = fc.constantFrom<Code>('token_request_failed', 'invalid_client');
    const moves = fc.array(
      fc.record({ wall: fc.integer({ min: -5_000, max: 5_000 }), both: fc.nat(2_000) }),
      { minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(codes, moves, (code, all) => {
        clock = new ManualClock();
        gate = new FailureGate(clock);
        gate.close(failure(code));
        for (const { wall, both } of all) {
          clock.wall += wall;
          clock.advance(both);
          if (!gate.isClosed) return;
          expect(gate.lastError?.retryAt?.getTime()).toBeGreaterThanOrEqual(clock.wall);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('without a jump', () => {
  it('the same time is told on both clocks: what is left, and retryAt', () => {
    for (let failures = 0; failures < 12; failures++) {
      gate.close(failure());
      expect(gate.lastError?.retryAt?.getTime()).toBe(clock.wall + gate.remainingMs);
      clock.advance(gate.remainingMs);
    }
  });

  it('the same retryAt is told all the while, though the two clocks are not read in one moment', () => {
    gate.close(failure('invalid_client'));
    const retryAt = inMs(30_000);
    for (const drift of [0.4, -0.9, 3, 900, -999]) {
      clock.wall += drift;
      expect(gate.lastError?.retryAt).toEqual(retryAt);
      clock.wall -= drift;
    }
  });
});

describe('a refusal', () => {
  it.each<[Code, boolean]>([
    ['invalid_client', true],
    ['token_request_rejected', true],
    ['token_request_failed', false],
    ['token_rate_limited', false],
    ['token_response_invalid', false],
    ['credentials_unavailable', false],
  ])('is what another pair may help against: %s is one: %s', (code, waits) => {
    gate.close(failure(code));
    expect(gate.waitsForCredentials).toBe(waits);
    clock.advance(gate.remainingMs);
    expect(gate.waitsForCredentials).toBe(false);
  });

  it('ends with another pair: the gate opens, and counts refusals anew', () => {
    closedFor('invalid_client');
    gate.close(failure('invalid_client'));
    gate.open();
    expect(gate).toMatchObject(OPEN);
    expect(closedFor('invalid_client')).toBe(30_000);
  });

  it('stays the last error until that pair has been tried; no retryAt is told any more', () => {
    gate.close(failure('invalid_client'));
    gate.open();
    expect(gate.hasFailed).toBe(true);
    expect(gate.lastError?.code).toBe('invalid_client');
    expect(gate.lastError?.retryAt).toBeUndefined();
  });

  it.each<Code>([
    'token_request_failed',
    'token_rate_limited',
    'token_response_invalid',
    'credentials_unavailable',
  ])('is not what %s is: another pair opens no gate that it has closed', (code) => {
    gate.close(failure(code));
    gate.open();
    expect(gate).toMatchObject({ isClosed: true, remainingMs: 1_000 });
    clock.advance(1_000);
    expect(closedFor(code)).toBe(1_500);
  });

  it('that is over is not ended once more: refusals are still counted', () => {
    closedFor('invalid_client');
    gate.open();
    expect(gate.lastError?.retryAt).toEqual(inMs(0));
    expect(closedFor('invalid_client')).toBe(60_000);
  });
});
