/**
 * A client id or secret without a byte-order mark at its start and line ends at its end: editors, shells and
 * `kubectl create secret` add them.
 */
export function cleanCredential(value: string): string {
  return value.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
}

/** Whether a value contains a control character (U+0000 to U+001F, U+007F). Text in UTF-16 is full of U+0000. */
export function hasControlCharacters(value: string): boolean {
  return /[^ -~\u0080-\uFFFF]/.test(value);
}
