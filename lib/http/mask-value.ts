import type { SecretMask } from '../errors/secret-mask.js';

/** The value with secrets masked in every text it holds; changed in place, as answers are axios' own to change. */
export function maskValue(value: unknown, mask: SecretMask, seen = new Set<unknown>()): unknown {
  if (typeof value === 'string') return mask.text(value);
  if (typeof value !== 'object' || value === null || seen.has(value)) return value;
  seen.add(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return maskBytes(value, mask);
  for (const [key, member] of Object.entries(value)) {
    const masked = maskValue(member, mask, seen);
    if (masked !== member) Reflect.set(value, key, masked);
  }
  return value;
}

function maskBytes(value: ArrayBufferView | ArrayBuffer, mask: SecretMask): unknown {
  const bytes =
    value instanceof ArrayBuffer
      ? Buffer.from(value)
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = bytes.toString('latin1');
  const masked = mask.text(text);
  return masked === text ? value : Buffer.from(masked, 'latin1');
}
