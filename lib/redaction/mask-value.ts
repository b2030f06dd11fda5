import { types } from 'node:util';
import type { SecretMask } from './secret-mask.js';

/**
 * The value with secrets masked in every text and key it holds; changed in place, as answers are axios' own to
 * change. Goes by a list and not by recursion, since how deep an answer is nested is the server's choice.
 */
export function maskValue(value: unknown, mask: SecretMask): unknown {
  const holders = new Set<object>();
  const masked = (member: unknown): unknown => {
    if (typeof member === 'string') return mask.text(member);
    if (typeof member !== 'object' || member === null) return member;
    if (ArrayBuffer.isView(member) || types.isAnyArrayBuffer(member))
      return maskBytes(member, mask);
    holders.add(member);
    return member;
  };
  const result = masked(value);
  // A Set also gives what is added to it on the way.
  for (const holder of holders) {
    for (const [key, member] of Object.entries(holder)) {
      const name = mask.text(key);
      if (name !== key) Reflect.deleteProperty(holder, key);
      const told = masked(member);
      if (name !== key || told !== member) Reflect.set(holder, name, told);
    }
  }
  return result;
}

function maskBytes(value: ArrayBufferView | ArrayBufferLike, mask: SecretMask): unknown {
  const bytes = ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(value);
  const text = bytes.toString('latin1');
  const masked = mask.text(text);
  return masked === text ? value : Buffer.from(masked, 'latin1');
}
