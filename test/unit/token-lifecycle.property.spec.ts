import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SingleFlight } from '../../lib/async/single-flight.js';
import { FAILURE_KINDS, type TokenFailure } from '../../lib/errors/failure-kinds.js';
import { AccessToken } from '../../lib/token/access-token.js';
import { FailureGate } from '../../lib/token/failure-gate.js';
import { RenewalPlanner } from '../../lib/token/renewal-planner.js';
import { TokenState } from '../../lib/token/token-state.js';
import { fc } from '../support/properties.js';
import { type Happening, TokenLife } from '../support/token-life.js';

const HOUR = 3_600_000;

beforeEach(() => {
  Logger.overrideLogger(false);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const shortOrLong = fc.oneof(
  fc.nat(50),
  fc.nat(2_000),
  fc.nat(60_000),
  fc.nat(HOUR),
  // When something is due, to the millisecond.
  fc.constantFrom(1, 999, 1_000, 1_500, 30_000),
);
const lifetimes = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc.integer({ min: 1, max: 5_000 }),
  fc.integer({ min: 1, max: HOUR }),
);
const codes = fc.constantFrom(...(Object.keys(FAILURE_KINDS) as TokenFailure['code'][]));

const what = <W extends Happening['what']>(name: W) => ({ what: fc.constant(name) });

const happenings = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      ...what('call'),
      reason: fc.constantFrom('demand', 'demand', 'manual', 'unauthorized'),
      timeout: fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: undefined }),
      mayLeave: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ ...what('time passes'), ms: shortOrLong }) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...what('token comes'),
      lifetimeMs: lifetimes,
      isSameAgain: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      ...what('request fails'),
      code: codes,
      retryAfterMs: fc.option(fc.integer({ min: -5_000, max: 300_000 }), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ ...what('credentials change'), readTakesMs: fc.nat(1_000) }),
  },
  { weight: 2, arbitrary: fc.record(what('invalidate')) },
  { weight: 1, arbitrary: fc.record(what('callers leave')) },
  { weight: 1, arbitrary: fc.record({ ...what('timers run ahead'), ms: fc.nat(10) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...what('wall clock jumps'),
      ms: fc.integer({ min: -HOUR, max: HOUR }),
    }),
  },
);

// The boot comes first and the end last, if at all; something may happen after it.
const lives = fc
  .tuple(
    fc.subarray([{ what: 'boot' }] as const),
    fc.array(happenings, { maxLength: 60, size: 'max' }),
    fc.subarray([{ what: 'stop' }, { what: 'close' }] as const),
    fc.array(happenings, { maxLength: 5 }),
  )
  .map(([boot, life, ends, after]): Happening[] => [
    ...boot,
    ...life,
    ...ends.flatMap((end) => [end, ...after]),
  ]);

const rulesHold = fc.asyncProperty(lives, async (all) => {
  vi.clearAllTimers();
  const life = new TokenLife();
  for (const happening of all) {
    await life.happen(happening);
    if (life.broken.length > 0) throw new Error(life.broken.join('; '));
  }
});

describe('in the life of a token, whatever happens', () => {
  it('there is always one planned, on its way, or not wanted; never two; never too soon; never too old', async () => {
    await fc.assert(rulesHold, { numRuns: 400 });
  });

  it.each([
    [
      'nothing is planned',
      'a token is wanted, and none is on its way',
      () => vi.spyOn(TokenState.prototype, 'plan').mockReturnValue(),
    ],
    [
      'nobody counts the second between two renewals',
      'renewals that nobody waits for start within a second',
      () => vi.spyOn(RenewalPlanner.prototype, 'started').mockReturnValue(),
    ],
    [
      'each caller begins a flight of its own',
      'two token requests are under way',
      () => {
        const alone = async (work: (end: () => void) => unknown) => work(() => {});
        vi.spyOn(SingleFlight.prototype, 'run').mockImplementation(alone);
      },
    ],
    [
      'nobody looks whether a token is over',
      'a token is handed out that is over, or in its last part',
      () => vi.spyOn(AccessToken.prototype, 'isServed').mockReturnValue(true),
    ],
    [
      'the gate is never closed',
      'the server is asked while the gate is closed',
      () => vi.spyOn(FailureGate.prototype, 'isClosed', 'get').mockReturnValue(false),
    ],
    [
      'the stop stops nothing',
      'a renewal is planned after the stop',
      () => vi.spyOn(RenewalPlanner.prototype, 'cancel').mockReturnValue(),
    ],
  ])('is a test that can fail: where %s, it says so', async (_, rule, breakIt) => {
    breakIt();
    const { failed, errorInstance } = await fc.check(rulesHold, { endOnFailure: true });
    expect(failed).toBe(true);
    expect(String(errorInstance)).toContain(rule);
  });
});
