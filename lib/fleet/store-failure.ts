/**
 * What a store's error says, in a word. No more of it: Redis repeats the arguments of a command that it does not know,
 * and a client may put anything into its messages.
 */
export function failureWord(error: unknown): string {
  const { code, message, name } = told(error);
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  const first = /^-?([A-Z]{2,20})\b/.exec(typeof message === 'string' ? message : '')?.[1];
  if (first) return first;
  return typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : 'an unknown error';
}

// Its members may be accessors, and throw.
function told(error: unknown): Record<string, unknown> {
  try {
    const { code, message, name } = (error ?? {}) as Record<string, unknown>;
    return { code, message, name };
  } catch {
    return {};
  }
}
