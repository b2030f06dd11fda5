/** How often it is looked: the gaps grow with the time waited. */
export interface Pace {
  readonly firstGapMs: number;
  readonly growth: number;
}

/** Somebody waits for the token: it is found within a fifth of the time it took. */
export const AWAITED: Pace = { firstGapMs: 100, growth: 0.15 };

/** A renewal ahead of the end, which nobody waits for: a few commands do. */
export const AHEAD: Pace = { firstGapMs: 300, growth: 1 };

const JITTER = 0.15;

const LEASE_EVERY = 4;

/** One look for the token of another process. */
export interface Look {
  /** From now, ms. */
  readonly afterMs: number;
  /** Whether it tries for the lease too: the holder may have given it back without a token. */
  readonly triesLease: boolean;
}

/**
 * When to look again.
 * @param looks made so far
 * @param waitedMs since the lease was first found held
 * @param leaseMs how long a lease lasts: it may be over when that has been waited
 * @param random in [0, 1); spreads the looks of a fleet
 */
export function nextLook(
  looks: number,
  waitedMs: number,
  leaseMs: number,
  random: number,
  { firstGapMs, growth }: Pace = AWAITED,
): Look {
  const gap = (firstGapMs + growth * waitedMs) * (1 - JITTER * random);
  const untilLeaseEnds = leaseMs - waitedMs;
  if (untilLeaseEnds > 0 && untilLeaseEnds <= gap)
    return { afterMs: untilLeaseEnds + firstGapMs * random, triesLease: true };
  return { afterMs: gap, triesLease: (looks + 1) % LEASE_EVERY === 0 || untilLeaseEnds <= 0 };
}

/**
 * Whether the wait brings nothing any more: the lease that was held at its beginning is over, and so is that of a
 * successor.
 */
export function isStuck(waitedMs: number, leaseMs: number): boolean {
  return waitedMs > 2 * leaseMs;
}
