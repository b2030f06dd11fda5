const MASK = '[masked]';

// Enough for the live values and those of requests still under way after several renewals.
const KEPT = 32;

// Shorter values guard nothing, and to mask them would take letters out of words.
const SHORTEST = 4;

/**
 * Knows the secrets and tokens of one account and takes them out of text, plain, URL-encoded or in Base64.
 * Held in private fields, so that printing the mask shows none.
 */
export class SecretMask {
  readonly #known = new Set<string>();
  #pattern: RegExp | undefined;

  /** Remembers a value that must not be seen; the oldest are forgotten beyond 32. */
  add(secret: string): void {
    if (secret.length < SHORTEST) return;
    // Known already: moved to the end, so that what is in use is not forgotten.
    if (!this.#known.delete(secret)) this.#pattern = undefined;
    this.#known.add(secret);
    if (this.#known.size > KEPT) this.#known.delete(this.#known.values().next().value as string);
  }

  /** `text` without any of the known values. */
  text(text: string): string {
    this.#pattern ??= patternOf([...this.#known].flatMap(spellings));
    return text.replace(this.#pattern, MASK);
  }
}

function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const encoded = [
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
  ];
  const quoted = JSON.stringify(secret).slice(1, -1);
  const forms = [
    secret,
    ...encoded,
    ...encoded.map(withLowerCaseHex),
    quoted,
    // PHP escapes slashes too.
    quoted.replaceAll('/', '\\/'),
    ...base64Forms(bytes, 'base64'),
    ...base64Forms(bytes, 'base64url'),
  ];
  return [...new Set(forms)];
}

function withLowerCaseHex(encoded: string): string {
  return encoded.replace(/%[\dA-F]{2}/g, (byte) => byte.toLowerCase());
}

// Longest first: where one begins like another, none of it may be left standing.
function patternOf(forms: readonly string[]): RegExp {
  const longestFirst = forms.toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map(escape).join('|') || '(?!)', 'g');
}

// Inside a longer text the bytes may start at any of three offsets; the characters at both ends also
// hold bits of their neighbours, so the core that is the same in each text is what is looked for.
function base64Forms(bytes: Buffer, encoding: 'base64' | 'base64url'): string[] {
  if (bytes.length < 6) return [bytes.toString(encoding)];
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString(encoding)
      .replace(/=+$/, '');
    return text.slice(Math.ceil((offset * 4) / 3), -1);
  });
}

function escape(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}-]/g, '\\$&');
}
