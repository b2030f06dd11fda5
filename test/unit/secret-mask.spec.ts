import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SecretMask } from '../../lib/errors/secret-mask.js';
import { fc } from '../support/properties.js';

const MASK = '[masked]';
const SECRET = 's&cret/+= "\\%~\u00e9\u{1f511}-end';

function maskOf(...secrets: string[]): SecretMask {
  const mask = new SecretMask();
  for (const secret of secrets) mask.add(secret);
  return mask;
}

const formEncoded = (text: string) => new URLSearchParams({ s: text }).toString().slice(2);
const jsonEscaped = (text: string) => JSON.stringify(text).slice(1, -1);
const base64 = (text: string, encoding: 'base64' | 'base64url' = 'base64') =>
  Buffer.from(text).toString(encoding);

/** The part of Base64 that holds bits of nothing but the secret, when `before` stands in front of it. */
function base64Core(before: string, secret: string, encoding: 'base64' | 'base64url'): string {
  const start = Math.ceil((Buffer.byteLength(before) * 4) / 3);
  const end = Math.floor((Buffer.byteLength(before + secret) * 4) / 3);
  return base64(before + secret, encoding).slice(start, end);
}

describe('a known secret', () => {
  const mask = maskOf(SECRET);

  it.each([
    ['plain', SECRET],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['form-encoded', formEncoded(SECRET)],
    [
      'URL-encoded in lower case',
      encodeURIComponent(SECRET).replace(/%../g, (x) => x.toLowerCase()),
    ],
    ['JSON-escaped', jsonEscaped(SECRET)],
    ['JSON-escaped with its slashes', jsonEscaped(SECRET).replaceAll('/', '\\/')],
  ])('is taken out of text as it stands there %s', (_, spelling) => {
    expect(mask.text(`before ${spelling} after`)).toBe(`before ${MASK} after`);
    expect(mask.text(spelling)).toBe(MASK);
    expect(mask.text(`${spelling}${spelling}`)).toBe(MASK + MASK);
  });

  it.each<['base64' | 'base64url', string]>([
    ['base64', ''],
    ['base64', 'c'],
    ['base64', 'cl'],
    ['base64', 'client-id:'],
    ['base64url', ''],
    ['base64url', 'c'],
    ['base64url', 'cl'],
    ['base64url', 'client-id:'],
  ])('is taken out of %s after the bytes %j', (encoding, before) => {
    const core = base64Core(before, SECRET, encoding);
    expect(core.length).toBeGreaterThan(20);
    for (const after of ['', 'x', 'xy', 'xyz']) {
      const text = `Basic ${base64(before + SECRET + after, encoding)} sent`;
      expect(text).toContain(core);
      expect(mask.text(text)).toContain(MASK);
      expect(mask.text(text)).not.toContain(core);
      expect(mask.text(text)).toMatch(/^Basic .* sent$/);
    }
  });

  it('is taken out wherever it stands, beside other secrets', () => {
    const both = maskOf('secret-1', 'token_1');
    const text = 'Bearer token_1, secret=secret-1; Bearer token_1';
    expect(both.text(text)).toBe(`Bearer ${MASK}, secret=${MASK}; Bearer ${MASK}`);
  });

  it('is taken out when it is added after another text was masked', () => {
    const later = maskOf('secret-1');
    expect(later.text('token_1')).toBe('token_1');
    later.add('token_1');
    expect(later.text('token_1 secret-1')).toBe(`${MASK} ${MASK}`);
  });

  it('is no pattern: what means something in a regular expression is taken as it is', () => {
    const odd = '^(a|b)*[c-d]+{2}.\\$?/-';
    expect(maskOf(odd).text(`${odd} ab cd`)).toBe(`${MASK} ab cd`);
  });

  it('is taken out whole where one secret begins like another', () => {
    expect(maskOf('token_1', 'token_12').text('token_12')).toBe(MASK);
    expect(maskOf('token_12', 'token_1').text('token_12')).toBe(MASK);
  });

  it('is not shown by the mask itself', () => {
    const printed = inspect(mask, { depth: null, showHidden: true }) + JSON.stringify(mask);
    expect(printed).not.toContain('cret/');
    expect(printed).not.toContain(base64(SECRET).slice(4, -4));
    expect(Reflect.ownKeys(mask)).toEqual([]);
  });
});

describe('what is no secret', () => {
  it('stays as it is', () => {
    const text = 'Nothing to see here: café, 100 %, {"a":[1]}';
    expect(new SecretMask().text(text)).toBe(text);
    expect(maskOf('secret-1').text(text)).toBe(text);
  });

  it.each(['', 'a', 'ab', 'abc'])('is a value too short to guard anything: %j', (short) => {
    expect(maskOf(short).text(`x${short}x abc`)).toBe(`x${short}x abc`);
  });

  it('are more than the 32 values used last', () => {
    const mask = new SecretMask();
    const values = Array.from({ length: 40 }, (_, n) => `value-${String(n).padStart(3, '0')}`);
    for (const value of values) {
      mask.add('secret-in-use');
      mask.add(value);
    }
    expect(mask.text('value-039 value-010 secret-in-use')).toBe(`${MASK} ${MASK} ${MASK}`);
    expect(mask.text('value-000')).toBe('value-000');
  });
});

describe('any secret in any text', () => {
  // Lone surrogates are no text that bytes can hold: encodeURIComponent refuses them.
  const secrets = fc.oneof(
    fc.string({ minLength: 4, maxLength: 60 }),
    fc.string({ unit: 'grapheme', minLength: 4, maxLength: 30 }),
    fc.base64String({ minLength: 4, maxLength: 60 }),
    fc.constantFrom(
      '$&$1',
      '\\\\\\\\',
      '....',
      '----',
      '    ',
      '\n\n\n\n',
      '%%%%',
      '[mas',
      'masked]',
    ),
  );
  const texts = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.json());

  // What the mask leaves in a secret's place may itself be one, as `masked]` is.
  const outside = (text: string) => text.replaceAll(MASK, '\u0000');

  it.each<[string, (secret: string) => string]>([
    ['plain', (secret) => secret],
    ['URL-encoded', (secret) => encodeURIComponent(secret)],
    ['form-encoded', formEncoded],
    ['JSON-escaped', jsonEscaped],
    ['in Base64 of its own', (secret) => base64(secret)],
    ['in base64url of its own', (secret) => base64(secret, 'base64url')],
  ])('is not found afterwards, %s', (_, spell) => {
    fc.assert(
      fc.property(secrets, texts, texts, (secret, before, after) => {
        const masked = maskOf(secret).text(`${before}${spell(secret)}${after}`);
        const rest = outside(masked);
        expect(masked).toContain(MASK);
        expect(rest.includes(secret)).toBe(false);
        if (Buffer.byteLength(secret) >= 6) {
          expect(rest.includes(spell(secret))).toBe(false);
        }
      }),
    );
  });

  it.each<'base64' | 'base64url'>(['base64', 'base64url'])(
    'is not found afterwards, in the %s of the whole text',
    (encoding) => {
      const longEnough = secrets.filter((secret) => Buffer.byteLength(secret) >= 6);
      fc.assert(
        fc.property(longEnough, texts, texts, (secret, before, after) => {
          const core = base64Core(before, secret, encoding);
          const encoded = base64(before + secret + after, encoding);
          expect(encoded).toContain(core);
          const masked = maskOf(secret).text(encoded);
          expect(masked).toContain(MASK);
          expect(masked.includes(core)).toBe(false);
        }),
      );
    },
  );

  it('is taken out beside any others', () => {
    const several = fc.uniqueArray(secrets, { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(several, texts, (known, between) => {
        const masked = maskOf(...known).text(known.join(between));
        for (const secret of known) expect(outside(masked).includes(secret)).toBe(false);
      }),
    );
  });
});
