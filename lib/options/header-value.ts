// RFC 9110, 5.5: visible characters, space, tab and obs-text; what Node.js accepts as a header value.
const LEGAL = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether `value` may stand in an HTTP header; blank text is legal but says nothing. */
export function isLegalHeaderValue(value: string): boolean {
  return LEGAL.test(value);
}

/** Whether `value` is text with something in it. */
export function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
