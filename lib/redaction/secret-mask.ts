import { SpelledSecret } from './secret-spellings.js';

const MASK = '[masked]';

// What is in use, and what the app may have got by getToken() some renewals ago.
const KEPT = 16;

// Shorter values guard nothing, and to mask them would take letters out of words.
const SHORTEST = 4;

interface Known {
  readonly secret: SpelledSecret;
  holder: WeakRef<object>;
}

type Ending = readonly [text: string, secret: SpelledSecret];

type Cut = readonly [from: number, to: number];

/**
 * Knows the secrets and tokens of one account and takes them out of text, plain, encoded, escaped or in Base64.
 * Held in private fields, so that printing the mask shows none.
 */
export class SecretMask {
  readonly #known = new Map<string, Known>();
  readonly #kept = new Set<object>();
  // By the key of their last four units.
  readonly #endings = new Map<number, Ending[]>();
  // Spelled when there is a text to mask: an account that sees no error does not pay for it.
  #unspelled: SpelledSecret[] = [];
  #forgetAt = 2 * KEPT;

  /** Remembers a value that must not be seen, until 16 others have been added after it. */
  add(value: string): void {
    if (value.length < SHORTEST) return;
    const holder = this.hold(value);
    // Kept already: moved to the end, so that what is in use is not forgotten.
    this.#kept.delete(holder);
    this.#kept.add(holder);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.values().next().value as object);
  }

  /** Remembers a value for as long as the object that it returns can be reached; one value has one object. */
  hold(value: string): object {
    const known = this.#known.get(value);
    const held = known?.holder.deref();
    if (held) return held;
    const holder = {};
    if (known) known.holder = new WeakRef(holder);
    else if (value.length >= SHORTEST) this.#learn(value, holder);
    return holder;
  }

  /** `text` without any of the known values. */
  text(text: string): string {
    if (this.#unspelled.length > 0) this.#spell();
    let masked = '';
    let done = 0;
    for (const [from, to] of this.#cutsIn(text)) {
      masked += text.slice(done, from) + MASK;
      done = to;
    }
    return masked + text.slice(done);
  }

  #learn(value: string, holder: object): void {
    if (this.#known.size >= this.#forgetAt) this.#forget();
    const secret = new SpelledSecret(value);
    this.#known.set(value, { secret, holder: new WeakRef(holder) });
    this.#unspelled.push(secret);
    // Where each request has a token of its own, no error has to wait for all of them.
    if (this.#unspelled.length > 2 * KEPT) this.#spell();
  }

  // As many again may come before all are looked at again, so that a new value costs the same however many are known.
  #forget(): void {
    for (const [value, { holder }] of this.#known) {
      if (!holder.deref()) this.#known.delete(value);
    }
    this.#endings.clear();
    this.#unspelled = [...this.#known.values()].map(({ secret }) => secret);
    this.#forgetAt = 2 * Math.max(KEPT, this.#known.size);
  }

  #spell(): void {
    for (const secret of this.#unspelled) {
      for (const text of secret.endings) {
        const key = keyOf(text);
        const others = this.#endings.get(key);
        if (others) others.push([text, secret]);
        else this.#endings.set(key, [[text, secret]]);
      }
    }
    this.#unspelled = [];
  }

  #cutsIn(text: string): Cut[] {
    const cuts: Cut[] = [];
    const endings = this.#endings;
    let key = 0;
    for (let to = 1; to <= text.length; to++) {
      key = (key << 8) ^ text.charCodeAt(to - 1);
      const alike = endings.get(key);
      if (!alike) continue;
      for (const [ending, secret] of alike) {
        if (!text.endsWith(ending, to)) continue;
        const length = secret.lengthBefore(to, text);
        if (length > 0) cutOut(cuts, Math.max(0, to - length), to);
      }
    }
    return cuts;
  }
}

// Of what overlaps, none may be left standing.
function cutOut(cuts: Cut[], start: number, to: number): void {
  let from = start;
  for (let last = cuts.at(-1); last && last[1] > from; last = cuts.at(-1)) {
    from = Math.min(from, last[0]);
    cuts.pop();
  }
  cuts.push([from, to]);
}

// Four units on, nothing is left of what came before: a key is that of the last four.
function keyOf(text: string): number {
  let key = 0;
  for (let at = 0; at < text.length; at++) key = (key << 8) ^ text.charCodeAt(at);
  return key;
}
