/** Time and chance; tests bring their own. */
export interface Clock {
  /** Wall clock, ms since 1970. Jumps when it is set. */
  now(): number;
  /** Monotonic clock, ms. Never jumps, but may stand still while the machine sleeps. */
  monotonic(): number;
  /** Uniform in [0, 1). */
  random(): number;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
};
