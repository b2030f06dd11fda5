import { describe, expect, it } from 'vitest';
import { SecretMask } from '../../lib/redaction/secret-mask.js';
import { maskValue } from '../../lib/redaction/mask-value.js';

const mask = new SecretMask();
mask.add('token_1');

describe('an answer', () => {
  it('loses the token in every text and key, and keeps the rest', () => {
    const date = new Date(0);
    const answer = { a: ['x token_1', 1, null, { token_1: 'x', b: true }], date };
    expect(maskValue(answer, mask)).toEqual({
      a: ['x [masked]', 1, null, { '[masked]': 'x', b: true }],
      date,
    });
  });

  it('that is text or bytes loses it too', () => {
    expect(maskValue('is token_1', mask)).toBe('is [masked]');
    expect(String(maskValue(Buffer.from('is token_1'), mask))).toBe('is [masked]');
    expect(String(maskValue(new TextEncoder().encode('is token_1').buffer, mask))).toBe(
      'is [masked]',
    );
    const clean = Buffer.from([0, 255, 128]);
    expect(maskValue(clean, mask)).toBe(clean);
  });

  it('may hold itself, or be nested deeper than a stack', () => {
    const circle: Record<string, unknown> = { text: 'token_1' };
    circle['self'] = circle;
    expect(maskValue(circle, mask)).toBe(circle);
    expect(circle['text']).toBe('[masked]');
    const depth = 200_000;
    const deep: unknown = JSON.parse(`${'['.repeat(depth)}"token_1"${']'.repeat(depth)}`);
    let inner = maskValue(deep, mask);
    while (Array.isArray(inner)) inner = inner[0];
    expect(inner).toBe('[masked]');
  });
});
