import type { SharedGrant } from './sealed-token.js';

// What clocks that are kept right differ by, with a margin.
const ORDINARY_SKEW_MS = 30_000;

/**
 * How old a token from the store is by now, ms; undefined where that cannot be known, so that it is not used.
 *
 * Durations are measured by one clock and hold everywhere; the issue time is as good as the writer's clock. Where this
 * process has seen the token appear, its own monotonic clock bounds the age from above, whatever the clocks say. Else
 * the wall clocks decide: a reader ahead of the writer takes the token for older and renews early; one behind takes it
 * for younger, by the skew and never by more than the token's age, and so finds its end by a 401 and a replay. A token
 * from more than 30 s in the future shows that the clocks are wrong, and is not used.
 * @param now wall clock, ms
 * @param appearedWithinMs for how long the token can have been in the store at most; Infinity where nobody knows
 */
export function ageOf(
  { issuedAt, ageMs }: SharedGrant,
  now: number,
  appearedWithinMs: number,
): number | undefined {
  const told = now - issuedAt;
  const oldest = ageMs + appearedWithinMs;
  if (told < -ORDINARY_SKEW_MS && oldest === Infinity) return undefined;
  return Math.min(Math.max(told, ageMs), oldest);
}
