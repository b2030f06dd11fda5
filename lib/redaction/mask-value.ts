import { inspect, types } from 'node:util';
import { isLeaf, maskKey, maskLeaf } from './masked-leaf.js';
import type { SecretMask } from './secret-mask.js';
import { type ShownField, ownFields, toldFields } from './shown-fields.js';

const NONE: readonly never[] = [];

// A getter may make a new object each time, with such getters of its own.
const ASKED_DEEP = 2;

/** An object on the way. */
interface Found {
  readonly value: object;
  readonly asks: number;
  readonly holders: Found[];
  // What is not read twice: it may be another the second time.
  asked: readonly ShownField[];
  isMarked: boolean;
  copy?: object;
}

/**
 * The value without secrets in all that printing it or its JSON shows. What holds none is given back itself; what
 * leads to one is copied, so that nothing of the app's own is changed. `settled` objects are not looked into.
 */
export function maskValue(
  value: unknown,
  mask: SecretMask,
  settled: ReadonlySet<unknown> = new Set(),
): unknown {
  return new Masking(mask, settled).of(value);
}

// Goes by lists and not by recursion, since how deep an answer is nested is the server's choice.
class Masking {
  readonly #found = new Map<object, Found>();
  readonly #replaced = new Map<object, unknown>();

  constructor(
    private readonly mask: SecretMask,
    private readonly settled: ReadonlySet<unknown>,
  ) {}

  of(value: unknown): unknown {
    this.#meet(value, undefined, ASKED_DEEP);
    // A Map also gives what is added to it on the way, and so does an array.
    for (const found of this.#found.values()) this.#look(found);
    const marked = [...this.#found.values()].filter(({ isMarked }) => isMarked);
    for (const { holders } of marked) {
      for (const holder of holders) {
        if (!holder.isMarked) marked.push(Object.assign(holder, { isMarked: true }));
      }
    }
    for (const found of marked) found.copy = shellOf(found.value);
    for (const found of marked) this.#fill(found);
    return this.#masked(value);
  }

  #look(found: Found): void {
    const { value, asks } = found;
    const mayAsk = asks > 0;
    const fields = ownFields(value, mayAsk);
    if (mayAsk && !this.settled.has(Reflect.getPrototypeOf(value))) {
      fields.push(...toldFields(value));
    }
    if (fields.some(({ isAsked }) => isAsked))
      found.asked = fields.filter(({ isAsked }) => isAsked);
    for (const { key, value: member, isAsked } of fields) {
      if (maskKey(key, this.mask) !== key) found.isMarked = true;
      this.#meet(member, found, isAsked ? asks - 1 : asks);
    }
    for (const member of membersOf(value)) this.#meet(member, found, asks);
  }

  #meet(value: unknown, holder: Found | undefined, asks: number): void {
    if (!isObject(value)) {
      if (holder && this.#masked(value) !== value) holder.isMarked = true;
      return;
    }
    if (this.settled.has(value)) return;
    if (types.isPromise(value) || isLeaf(value)) {
      if (!this.#replaced.has(value)) this.#replaced.set(value, this.#replacement(value));
      if (holder && this.#replaced.get(value) !== value) holder.isMarked = true;
      return;
    }
    const known = this.#found.get(value);
    if (known) {
      if (holder) known.holders.push(holder);
      return;
    }
    const holders = holder ? [holder] : [];
    this.#found.set(value, { value, asks, holders, asked: NONE, isMarked: false });
  }

  #replacement(value: object): unknown {
    if (!types.isPromise(value)) return maskLeaf(value, this.mask);
    const masked = value.then(
      (result) => maskValue(result, this.mask),
      (error) => {
        throw maskValue(error, this.mask);
      },
    );
    // Whoever waits for the original may have seen to its failure.
    masked.catch(() => {});
    return masked;
  }

  #masked(value: unknown): unknown {
    if (typeof value === 'string' || typeof value === 'symbol') return maskKey(value, this.mask);
    if (!isObject(value)) return value;
    return this.#replaced.get(value) ?? this.#found.get(value)?.copy ?? value;
  }

  #fill({ value, copy, asked }: Found): void {
    if (!copy) return;
    for (const { key, value: member, enumerable, isAsked } of [
      ...ownFields(value, false),
      ...asked,
    ]) {
      let masked = this.#masked(member);
      // They would look for private fields, which a copy has not.
      if (isAsked && key === 'toJSON') {
        const json = masked;
        masked = () => json;
      } else if (isAsked && key === inspect.custom) masked = undefined;
      const field = { value: masked, enumerable, writable: true, configurable: true };
      Reflect.defineProperty(copy, maskKey(key, this.mask), field);
    }
    const members = membersOf(value).map((member) => this.#masked(member));
    if (types.isSet(copy)) for (const member of members) Set.prototype.add.call(copy, member);
    if (!types.isMap(copy)) return;
    for (let at = 0; at < members.length; at += 2) {
      Map.prototype.set.call(copy, members[at], members[at + 1]);
    }
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

// Gone through as printing does, whatever a class has made of their methods.
function membersOf(value: object): readonly unknown[] {
  if (types.isMap(value)) return [...Map.prototype.entries.call(value)].flat();
  return types.isSet(value) ? [...Set.prototype.values.call(value)] : NONE;
}

// Of the same kind, as far as printing and the language itself can tell.
function shellOf(value: object): object {
  const shell = emptyOf(value);
  const prototype = Reflect.getPrototypeOf(value);
  if (Reflect.getPrototypeOf(shell) !== prototype) Reflect.setPrototypeOf(shell, prototype);
  return shell;
}

function emptyOf(value: object): object {
  if (Array.isArray(value)) return Object.assign([], { length: value.length });
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  if (!types.isNativeError(value) && !(value instanceof Error)) return {};
  const error = new Error();
  Reflect.deleteProperty(error, 'stack');
  return error;
}
