import { inspect } from 'node:util';

/** What printing an object or turning it into JSON shows of it under one key. */
export interface ShownField {
  readonly key: PropertyKey;
  readonly value: unknown;
  readonly enumerable: boolean;
  /** Whether the value is what a getter or a method gave. */
  readonly isAsked: boolean;
}

const EVERYTHING = {
  depth: null,
  showHidden: true,
  showProxy: true,
  maxArrayLength: null,
  maxStringLength: null,
} as const;

// Looked through for each class instance otherwise; what they give is looked at apart.
const BUILT_IN = new Set<unknown>([Array, Map, Set, Date, Error].map(({ prototype }) => prototype));

/** The own fields; those of getters only if they may be asked. */
export function ownFields(value: object, mayAsk: boolean): ShownField[] {
  const fields: ShownField[] = [];
  const isArray = Array.isArray(value);
  for (const key of Reflect.ownKeys(value)) {
    if (isArray && key === 'length') continue;
    const field = Reflect.getOwnPropertyDescriptor(value, key);
    const { enumerable = false, get } = field ?? {};
    if (!get) fields.push({ key, value: field?.value, enumerable, isAsked: false });
    else if (mayAsk) fields.push(askedField(key, () => get.call(value), enumerable));
  }
  return fields;
}

/** What the class of an object tells of it, which may be kept in private fields: getters, `toJSON`, its own printing. */
export function toldFields(value: object): readonly ShownField[] {
  const fields: ShownField[] = [];
  for (const [key, get] of inheritedGetters(value)) {
    if (!Object.hasOwn(value, key)) fields.push(askedField(key, () => get.call(value)));
  }
  const toJSON = methodOf(value, 'toJSON');
  if (toJSON) fields.push(askedField('toJSON', () => toJSON.call(value)));
  const print = methodOf(value, inspect.custom);
  if (print) fields.push(askedField(inspect.custom, () => printed(value)));
  return fields;
}

function askedField(key: PropertyKey, question: () => unknown, enumerable = false): ShownField {
  return { key, value: ask(question), enumerable, isAsked: true };
}

function methodOf(value: object, key: PropertyKey): (() => unknown) | undefined {
  if (!(key in value)) return undefined;
  const method = ask(() => Reflect.get(value, key));
  return typeof method === 'function' ? (method as () => unknown) : undefined;
}

/** All that printing shows. */
export function printed(value: unknown): string {
  return String(ask(() => inspect(value, EVERYTHING)));
}

/** The answer of the app's code; the words of its error if it fails. */
export function ask(question: () => unknown): unknown {
  try {
    return question();
  } catch (error) {
    try {
      return String(error);
    } catch {
      return '';
    }
  }
}

function inheritedGetters(value: object): [PropertyKey, () => unknown][] {
  const getters: [PropertyKey, () => unknown][] = [];
  let prototype = Reflect.getPrototypeOf(value);
  while (prototype && !BUILT_IN.has(prototype)) {
    const next = Reflect.getPrototypeOf(prototype);
    // The root of all, or that of another realm.
    if (next === null) break;
    for (const key of Reflect.ownKeys(prototype)) {
      const { get } = Reflect.getOwnPropertyDescriptor(prototype, key) ?? {};
      if (get) getters.push([key, get as () => unknown]);
    }
    prototype = next;
  }
  return getters;
}
