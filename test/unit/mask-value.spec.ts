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
    const masked = maskValue(circle, mask) as typeof circle;
    expect(masked['text']).toBe('[masked]');
    expect(masked['self']).toBe(masked);
    expect(circle['text']).toBe('token_1');
    const depth = 200_000;
    const deep: unknown = JSON.parse(`${'['.repeat(depth)}"token_1"${']'.repeat(depth)}`);
    let inner = maskValue(deep, mask);
    while (Array.isArray(inner)) inner = inner[0];
    expect(inner).toBe('[masked]');
  });

  it('is itself, with all that it holds, where no secret is in it', () => {
    const answer = {
      list: [new Map([[{ a: 1 }, new Set(['b'])]])],
      at: new Date(0),
      url: new URL('http://x'),
    };
    expect(maskValue(answer, mask)).toBe(answer);
  });

  it('is copied no further than a secret reaches, and left as it was', () => {
    const clean = { a: 1 };
    const answer = Object.freeze({ clean, all: new Map([[clean, new Set(['token_1'])]]) });
    const masked = maskValue(answer, mask) as typeof answer;
    expect(masked).toEqual({ clean, all: new Map([[clean, new Set(['[masked]'])]]) });
    expect(masked.clean).toBe(clean);
    expect(answer.all.get(clean)).toEqual(new Set(['token_1']));
  });

  it('may have getters that make new objects for ever, or throw', () => {
    class Endless {
      get next(): Endless {
        return new Endless();
      }
    }
    const own = () => ({
      text: 'token_1',
      get next(): object {
        return own();
      },
      get broken(): never {
        throw new Error('no token_1');
      },
    });
    const masked = maskValue({ text: 'token_1', endless: new Endless(), own: own() }, mask);
    expect(masked).toMatchObject({
      text: '[masked]',
      own: { text: '[masked]', next: { text: '[masked]' }, broken: 'Error: no [masked]' },
    });
  });

  it('may hold what neither throws on the way nor can be changed', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const hostile = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('token_1');
        },
      },
    );
    class Rude extends Map<string, string> {
      override [Symbol.iterator](): MapIterator<[string, string]> {
        throw new Error('no');
      }
    }
    const rude = new Rude();
    rude.set('a', 'token_1');
    const answer = {
      proxy: revoked.proxy,
      hostile,
      rude,
      none: Object.create(null),
      f: () => 'token_1',
    };
    const masked = maskValue(answer, mask) as typeof answer;
    expect(masked.rude.get('a')).toBe('[masked]');
    expect(masked.f).toBe(answer.f);
  });

  it('gives a promise whose result is masked, and whose failure nobody has to see to', async () => {
    const [kept, failed] = [Promise.resolve(['token_1']), Promise.reject(new Error('token_1'))];
    failed.catch(() => {});
    const masked = maskValue({ kept, failed }, mask) as { kept: unknown; failed: unknown };
    expect(await masked.kept).toEqual(['[masked]']);
    await expect(masked.failed).rejects.toThrow('[masked]');
  });

  it('is not looked into where it is settled', () => {
    const settled = { text: 'token_1' };
    const masked = maskValue({ settled, text: 'token_1' }, mask, new Set([settled]));
    expect(masked).toEqual({ settled: { text: 'token_1' }, text: '[masked]' });
  });
});
