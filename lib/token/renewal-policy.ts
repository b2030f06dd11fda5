// The last part of a lifetime in which a token is no longer served: it must survive the way to the API.
const MARGIN_MS = 5_000;
const MARGIN_SHARE = 0.05;

const LEAD_SHARE = 0.2;

/** For how long after the request a token of this lifetime is served, in ms. */
export function servedFor(lifetimeMs: number): number {
  return lifetimeMs - Math.min(MARGIN_MS, lifetimeMs * MARGIN_SHARE);
}

/**
 * How long after the request a token is due for renewal, in ms: `lead` before its end, and up to half a
 * lead earlier at random, so that a fleet which starts together does not renew together.
 * @param random in [0, 1)
 */
export function renewalDueAfter(
  lifetimeMs: number,
  renewBeforeExpirySeconds: number,
  random: number,
): number {
  const lead = Math.min(renewBeforeExpirySeconds * 1_000, lifetimeMs * LEAD_SHARE);
  return lifetimeMs - lead - (random * lead) / 2;
}
