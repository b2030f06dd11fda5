// Units at the end of a secret that are spelled to look for it; all of it is spelled only where they stand.
const LOOKED_FOR = 16;

// What ends like a long secret is taken for it: to compare all of it at every place could take minutes.
const COMPARED = 1_024;

// No encoding but Base64 changes these, and most tokens have no other.
const UNCHANGED = /^[\w.-]*$/;

/** One secret, known in a text by its end; spelled no sooner and no further than it takes. */
export class SpelledSecret {
  readonly value: string;
  #endings: ReadonlySet<string> | undefined;
  #spellings: readonly { readonly end: string; readonly length: number }[] | undefined;

  constructor(value: string) {
    this.value = value;
  }

  /** What stands at the end of each spelling: four units or more. */
  get endings(): ReadonlySet<string> {
    return (this.#endings ??= spellingsOf(endOf(this.value)));
  }

  /** The length of the longest spelling that ends there in the text; 0 where none does. */
  lengthBefore(to: number, text: string): number {
    this.#spellings ??= [...spellingsOf(this.value)]
      .map((spelling) => ({ end: spelling.slice(-COMPARED), length: spelling.length }))
      .toSorted((a, b) => b.length - a.length);
    // Not endsWith(), which takes ten times as long.
    const found = this.#spellings.find(
      ({ end }) => to >= end.length && text.slice(to - end.length, to) === end,
    );
    return found?.length ?? 0;
  }
}

function endOf(value: string): string {
  const start = value.length - LOOKED_FOR;
  if (start <= 0) return value;
  // No surrogate pair is cut in half.
  return value.slice(/[\uDC00-\uDFFF]/.test(value.charAt(start)) ? start + 1 : start);
}

// As it is, and as it may be sent, logged or quoted.
function spellingsOf(text: string): Set<string> {
  if (UNCHANGED.test(text)) return new Set([text, ...base64Forms(text)]);
  const bytes = Buffer.from(text);
  // Half a surrogate pair is sent as U+FFFD.
  const sent = bytes.toString();
  const encoded = [encodeURIComponent(sent), new URLSearchParams({ s: sent }).toString().slice(2)];
  const quoted = [text, sent].map((words) => JSON.stringify(words).slice(1, -1));
  // PHP escapes slashes too, and all that is not ASCII.
  const escaped = [...quoted, ...quoted.map(asciiOnly)];
  return new Set([
    text,
    sent,
    // Headers, and bytes that may be anything, are read as Latin-1.
    bytes.toString('latin1'),
    ...encoded,
    ...encoded.map(withLowerCaseHex),
    ...escaped,
    ...escaped.map((words) => words.replaceAll('/', '\\/')),
    ...htmlEscaped(sent),
    ...base64Forms(text),
  ]);
}

function withLowerCaseHex(encoded: string): string {
  return encoded.replace(/%[\dA-F]{2}/g, (byte) => byte.toLowerCase());
}

function asciiOnly(quoted: string): string {
  return quoted.replace(
    /[\u0080-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// One spelling for each way in which the usual libraries write the two quotes.
function htmlEscaped(text: string): string[] {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return ['&quot; &#039;', '&quot; &#39;', '&#34; &#39;', '&quot; &#x27;', '&quot; &apos;'].map(
    (quotes) => {
      const [double = '', single = ''] = quotes.split(' ');
      return escaped.replaceAll('"', double).replaceAll("'", single);
    },
  );
}

// Inside a longer text the bytes may start at any of three offsets; the characters at both ends also
// hold bits of their neighbours, so the core that is the same in each text is what is looked for.
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(`\0\0${text}`);
  const length = bytes.length - 2;
  return (['base64', 'base64url'] as const).flatMap((encoding) => {
    if (length < 6) return [bytes.toString(encoding, 2)];
    return [0, 1, 2].map((offset) =>
      bytes
        .toString(encoding, 2 - offset)
        .slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + length) * 4) / 3)),
    );
  });
}
