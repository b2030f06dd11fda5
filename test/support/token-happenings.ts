import { fc } from './properties.js';

const HOUR = 3_600_000;

/** How the token endpoint fails, and whether another attempt follows at once if a caller waits. */
export const FAILURES = {
  unavailable: { status: 503, isRepeated: true },
  malformed: { status: 200, isRepeated: true },
  'rate limit': { status: 429, isRepeated: false },
  rejection: { status: 403, isRepeated: false },
  // Repeated with other credentials, if there are any.
  'unknown client': { status: 401, isRepeated: undefined },
} as const;

/** One thing that happens in the life of a token. */
export type Happening =
  | { what: 'call'; by: 'getToken' | 'renew'; timeout: number | undefined; mayLeave: boolean }
  | { what: 'API call'; mayLeave: boolean }
  | { what: 'callers leave' }
  | { what: 'token is invalidated' }
  | { what: 'token is revoked' }
  | { what: 'time passes'; ms: number }
  | { what: 'wall clock jumps'; ms: number }
  | { what: 'timers run ahead'; ms: number }
  | { what: 'token is issued'; lifetimeMs: number; isSameAgain: boolean }
  | { what: 'request fails'; how: keyof typeof FAILURES; retryAfter: number | undefined }
  | { what: 'credentials change'; readTakesMs: number }
  | { what: 'credentials break' }
  | { what: 'app stops' }
  | { what: 'app closes' };

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

const what = <W extends Happening['what']>(name: W) => ({ what: fc.constant(name) });

const happenings = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...what('call'),
      by: fc.constantFrom('getToken', 'renew'),
      timeout: fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: undefined }),
      mayLeave: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ ...what('API call'), mayLeave: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ ...what('time passes'), ms: shortOrLong }) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...what('token is issued'),
      lifetimeMs: lifetimes,
      isSameAgain: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      ...what('request fails'),
      how: fc.constantFrom(...(Object.keys(FAILURES) as (keyof typeof FAILURES)[])),
      retryAfter: fc.option(fc.integer({ min: -5, max: 300 }), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ ...what('credentials change'), readTakesMs: fc.nat(900) }),
  },
  { weight: 1, arbitrary: fc.record(what('credentials break')) },
  { weight: 2, arbitrary: fc.record(what('token is invalidated')) },
  { weight: 2, arbitrary: fc.record(what('token is revoked')) },
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

/** The app ends last, if at all; something can happen after that. */
export const lives = fc
  .tuple(
    fc.array(happenings, { maxLength: 60, size: 'max' }),
    fc.subarray([{ what: 'app stops' }, { what: 'app closes' }] as const),
    fc.array(happenings, { maxLength: 5 }),
  )
  .map(([life, ends, after]): Happening[] => [...life, ...ends.flatMap((end) => [end, ...after])]);
