import { ask } from '../../redaction/shown-fields.js';

/** The original with the fields of its masked copy; the copy where the original cannot be changed. */
export function rewritten<T extends object>(original: T, masked: T): T {
  if (masked === original) return original;
  for (const key of Reflect.ownKeys(original)) {
    if (!Object.hasOwn(masked, key) && !Reflect.deleteProperty(original, key)) return masked;
  }
  for (const key of Reflect.ownKeys(masked)) {
    const field = Reflect.getOwnPropertyDescriptor(masked, key);
    if (!field || ask(() => Reflect.get(original, key)) === field.value) continue;
    if (!Reflect.defineProperty(original, key, field)) return masked;
  }
  return original;
}

/** The original with these parts in place of its own; a copy with them where the original cannot be changed. */
export function withParts<T extends object>(original: T, parts: Partial<T>): T {
  const isChanged = Object.entries(parts).every(([key, part]) => Reflect.set(original, key, part));
  return isChanged ? original : { ...original, ...parts };
}
