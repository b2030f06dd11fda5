/** A token lives this long on the page, so that its renewals can be watched. DokStamp's live 12 hours. In seconds. */
export const LIFETIME = 30;

/** What the package makes of its lead for such a lifetime: a fifth of it. The snippet is given the same. */
export const LEAD_MS = (LIFETIME / 5) * 1_000;

/** Each disturbance lasts this long. */
export const DISTURBANCE_MS = 10_000;

/**
 * A disturbance begins so long after the package has got a token, which it renews 21 to 24 s later and serves for 28.5 s;
 * the snippet renews its own 24 s later.
 */
export const BEFORE_RENEWAL_MS = 15_000;

/** The snippet gets its token so much earlier, so that its renewal lies amid the disturbance too. */
export const SNIPPET_AHEAD_MS = 3_000;

/** How long `Retry-After` asks to wait, in seconds. */
export const RETRY_AFTER = 2;

/** A slow token endpoint takes this long. */
export const SLOW_MS = 3_000;

/** Each caller makes a call in this time. */
export const CALL_EVERY_MS = 200;

/** The plots go back as far as this. In seconds, and frames. */
export const HISTORY = 120;
