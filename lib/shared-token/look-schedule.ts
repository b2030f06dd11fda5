// The gaps between looks grow with the time waited, so that a token is found within a fifth of the time it took.
const FIRST_GAP_MS = 100;
const GROWTH = 0.15;
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
export function nextLook(looks: number, waitedMs: number, leaseMs: number, random: number): Look {
  const gap = (FIRST_GAP_MS + GROWTH * waitedMs) * (1 - JITTER * random);
  const untilLeaseEnds = leaseMs - waitedMs;
  if (untilLeaseEnds > 0 && untilLeaseEnds <= gap)
    return { afterMs: untilLeaseEnds + FIRST_GAP_MS * random, triesLease: true };
  return { afterMs: gap, triesLease: (looks + 1) % LEASE_EVERY === 0 || untilLeaseEnds <= 0 };
}

/**
 * Whether the wait brings nothing any more: the lease that was held at its beginning is over, and so is that of a
 * successor.
 */
export function isStuck(waitedMs: number, leaseMs: number): boolean {
  return waitedMs > 2 * leaseMs;
}
