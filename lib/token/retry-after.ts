const LONGEST_MS = 5 * 60_000;

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): seconds or a date. In ms from `now`, at most 5 minutes;
 * undefined where it says nothing: absent, zero, past or unreadable.
 */
export function retryAfterMs(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : httpDate(text) - now;
  return ms > 0 ? Math.min(ms, LONGEST_MS) : undefined;
}

// Date.parse alone would take "-5" or "1.5" for a date.
function httpDate(text: string): number {
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return Number.NaN;
  // The asctime form names no zone; it is UTC (RFC 9110, 5.6.7).
  return Date.parse(/\d{4}$/.test(text) ? `${text} GMT` : text);
}
