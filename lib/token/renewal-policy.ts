// A token is not served in the last part of its lifetime, because it must survive the way to the API.
const MARGIN_MS = 5_000;
const MARGIN_SHARE = 0.05;

const LEAD_SHARE = 0.2;

/** For how long after the request a token of this lifetime is served, in ms. */
export function servedFor(lifetimeMs: number): number {
  return lifetimeMs - margin(lifetimeMs);
}

/**
 * How long after the request a token is due for renewal, in ms: `lead` before its end, and up to half a lead earlier
 * at random, so that a fleet that starts together does not renew together.
 * @param random in [0, 1)
 */
export function renewalDueAfter(
  lifetimeMs: number,
  renewBeforeExpirySeconds: number,
  random: number,
): number {
  // Twice the margin, so that the renewal runs before the token stops being served.
  const wanted = Math.max(renewBeforeExpirySeconds * 1_000, 2 * margin(lifetimeMs));
  const lead = Math.min(wanted, lifetimeMs * LEAD_SHARE);
  return lifetimeMs - lead - (random * lead) / 2;
}

function margin(lifetimeMs: number): number {
  return Math.min(MARGIN_MS, lifetimeMs * MARGIN_SHARE);
}
