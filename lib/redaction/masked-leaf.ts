import { types } from 'node:util';
import type { SecretMask } from './secret-mask.js';
import { ask, printed } from './shown-fields.js';

/** A text, or a symbol by its description, without secrets. */
export function maskKey<T extends PropertyKey>(key: T, mask: SecretMask): T {
  if (typeof key === 'string') return mask.text(key) as T;
  if (typeof key !== 'symbol' || key.description === undefined) return key;
  const description = mask.text(key.description);
  return description === key.description ? key : (Symbol(description) as T);
}

/** Whether an object is masked as a whole, since its content cannot be gone through. */
export function isLeaf(value: object): boolean {
  if (typeof value === 'function') return true;
  return (
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isProxy(value) ||
    types.isWeakSet(value) ||
    types.isWeakMap(value) ||
    types.isMapIterator(value) ||
    types.isSetIterator(value) ||
    types.isBoxedPrimitive(value)
  );
}

/** The leaf itself, bytes without the secret, or what printing the leaf shows without it. */
export function maskLeaf(value: object, mask: SecretMask): unknown {
  if (ArrayBuffer.isView(value)) {
    return maskBytes(value, Buffer.from(value.buffer, value.byteOffset, value.byteLength), mask);
  }
  if (types.isAnyArrayBuffer(value)) return maskBytes(value, Buffer.from(value), mask);
  // Most functions have no fields, and printing one is dear.
  if (typeof value === 'function' && !types.isProxy(value) && Object.keys(value).length === 0) {
    return value;
  }
  const words = types.isStringObject(value) ? String(value) : printed(value);
  const shown = [words, String(ask(() => JSON.stringify(value)))];
  return shown.every((text) => mask.text(text) === text) ? value : mask.text(words);
}

function maskBytes(value: object, bytes: Buffer, mask: SecretMask): unknown {
  const text = bytes.toString('latin1');
  const masked = mask.text(text);
  return masked === text ? value : Buffer.from(masked, 'latin1');
}
