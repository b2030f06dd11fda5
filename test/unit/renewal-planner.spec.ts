import { SchedulerRegistry } from '@nestjs/schedule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';
import { tokenFailure } from '../../lib/errors/failure-kinds.js';
import { AccessToken, sentNow } from '../../lib/token/access-token.js';
import { FailureGate } from '../../lib/token/failure-gate.js';
import { RenewalPlanner } from '../../lib/token/renewal-planner.js';
import { RenewalTimer } from '../../lib/token/renewal-timer.js';
import { ManualClock } from '../support/manual-clock.js';
import { fc } from '../support/properties.js';

/** A planner whose timer only remembers what it was told. */
function setUp(renewBeforeExpiry = 60) {
  const clock = new ManualClock();
  const gate = new FailureGate(clock);
  const timer = { plan: vi.fn<(delayMs: number) => void>(), cancel: vi.fn(), dueAt: undefined };
  const planner = new RenewalPlanner(
    timer as unknown as RenewalTimer,
    gate,
    clock,
    renewBeforeExpiry,
  );
  const issue = (lifetimeMs: number, sentAt = sentNow(clock)) =>
    planner.issued(new AccessToken('token_1', lifetimeMs, sentAt));
  /** In how many ms the next renewal is due. */
  const planned = (hasToken: boolean) => {
    planner.plan(hasToken);
    return timer.plan.mock.lastCall?.[0];
  };
  return { clock, gate, timer, planner, issue, planned };
}

const fail = (gate: FailureGate) => gate.close(tokenFailure('token_request_failed', 'It failed.'));

describe('the next renewal is planned', () => {
  it.each([
    { lifetime: 43_200_000, chance: 0, due: 43_140_000 },
    { lifetime: 43_200_000, chance: 0.5, due: 43_125_000 },
    { lifetime: 100_000, chance: 0, due: 80_000 },
  ])(
    'for when the token is due: $due ms after the request with a lifetime of $lifetime ms and a chance of $chance',
    ({ lifetime, chance, due }) => {
      const { clock, issue, planned } = setUp();
      clock.chance = chance;
      issue(lifetime);
      expect(planned(true)).toBe(due);
    },
  );

  it('with the lead that renewBeforeExpiry gives, in seconds', () => {
    const { issue, planned } = setUp(5);
    issue(100_000);
    expect(planned(true)).toBe(95_000);
  });

  it('from the moment when the request was sent, not when the answer came', () => {
    const { clock, issue, planned } = setUp();
    const sentAt = sentNow(clock);
    clock.advance(9_000);
    issue(100_000, sentAt);
    expect(planned(true)).toBe(71_000);
  });

  it('for the same moment, however often it is planned: chance is asked once for each token', () => {
    const { clock, issue, planned } = setUp();
    const random = vi.spyOn(clock, 'random');
    issue(100_000);
    clock.chance = 0.9;
    expect(planned(true)).toBe(80_000);
    clock.advance(30_000);
    expect(planned(true)).toBe(50_000);
    expect(random).toHaveBeenCalledTimes(1);
    issue(100_000);
    expect(planned(true)).toBe(71_000);
  });

  it('at once where the token is due already, and where there is none', () => {
    const { clock, issue, planned } = setUp();
    issue(100_000);
    clock.advance(80_001);
    expect(planned(true)).toBe(0);
    expect(planned(false)).toBe(0);
  });

  it.each([true, false])(
    'after a failure for when the gate opens, with a token or without: %s',
    (hasToken) => {
      const { clock, gate, issue, planned } = setUp();
      issue(100_000);
      fail(gate);
      expect(planned(hasToken)).toBe(1_000);
      clock.advance(400);
      expect(planned(hasToken)).toBe(600);
      clock.advance(600);
      expect(planned(hasToken)).toBe(0);
    },
  );

  it('after a refusal that another pair has ended at once, as that pair is to be tried', () => {
    const { gate, planned } = setUp();
    gate.close(tokenFailure('invalid_client', 'Refused.'));
    expect(planned(false)).toBe(30_000);
    gate.open();
    expect(planned(false)).toBe(0);
  });

  it('by the token again when a token has come', () => {
    const { gate, issue, planned } = setUp();
    fail(gate);
    gate.reset();
    issue(100_000);
    expect(planned(true)).toBe(80_000);
  });

  it('by the monotonic clock: a wall clock that jumps moves nothing', () => {
    const { clock, issue, planned } = setUp();
    issue(100_000);
    clock.wall += 86_400_000;
    expect(planned(true)).toBe(80_000);
  });
});

describe('renewals that nobody waits for start at least 1 s apart', () => {
  it('without a token', () => {
    const { clock, planner, planned } = setUp();
    planner.started();
    expect(planned(false)).toBe(1_000);
    clock.advance(999);
    expect(planned(false)).toBe(1);
    clock.advance(1);
    expect(planned(false)).toBe(0);
  });

  it('with a token that is due before', () => {
    const { clock, planner, issue, planned } = setUp();
    planner.started();
    clock.advance(100);
    issue(10);
    expect(planned(true)).toBe(900);
  });

  it('with a gate that opens before', () => {
    const { clock, gate, planner, planned } = setUp();
    const retryAt = new Date(clock.now() + 300);
    planner.started();
    gate.close(tokenFailure('token_rate_limited', 'Wait.', { retryAt }));
    expect(planned(false)).toBe(1_000);
  });

  it('and no later than is needed: what is due after that second is not put off', () => {
    const { planner, issue, planned } = setUp();
    planner.started();
    issue(100_000);
    expect(planned(true)).toBe(80_000);
  });

  it('whatever happens in between', () => {
    const happenings = fc.array(
      fc.record({
        after: fc.nat(3_000),
        what: fc.constantFrom('start', 'fail', 'issue', 'drop'),
        lifetime: fc.integer({ min: 1, max: 10_000 }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(happenings, (all) => {
        const { clock, gate, planner, issue, planned } = setUp();
        let hasToken = false;
        let startedAt = Number.NEGATIVE_INFINITY;
        for (const { after, what, lifetime } of all) {
          clock.advance(after);
          if (what === 'start') {
            planner.started();
            startedAt = clock.mono;
          }
          if (what === 'fail') fail(gate);
          if (what === 'issue') {
            gate.reset();
            issue(lifetime);
          }
          hasToken = what === 'issue' || (hasToken && what !== 'drop');
          const delay = planned(hasToken) ?? Number.NaN;
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(clock.mono + delay - startedAt).toBeGreaterThanOrEqual(1_000);
          if (gate.hasFailed) expect(delay).toBeGreaterThanOrEqual(gate.remainingMs);
        }
      }),
    );
  });
});

describe('with a real timer', () => {
  const renew = vi.fn();
  let planner: RenewalPlanner;

  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
    vi.spyOn(SYSTEM_CLOCK, 'random').mockReturnValue(0);
    renew.mockReset();
    const timer = new RenewalTimer(new SchedulerRegistry(), 'renewal', SYSTEM_CLOCK, renew);
    planner = new RenewalPlanner(timer, new FailureGate(SYSTEM_CLOCK), SYSTEM_CLOCK, 60);
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('the renewal comes when it is told to come, once', () => {
    expect(planner.nextAt).toBeUndefined();
    planner.issued(new AccessToken('token_1', 100_000, sentNow(SYSTEM_CLOCK)));
    planner.plan(true);
    planner.plan(true);
    expect(planner.nextAt).toEqual(new Date(Date.now() + 80_000));
    vi.advanceTimersByTime(79_999);
    expect(renew).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(renew).toHaveBeenCalledTimes(1);
    expect(planner.nextAt).toBeUndefined();
  });

  it('the renewal does not come when it is cancelled', () => {
    planner.plan(false);
    planner.cancel();
    expect(planner.nextAt).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
