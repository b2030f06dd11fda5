import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SecretMask } from '../../lib/redaction/secret-mask.js';
import { fc } from '../support/properties.js';

const MASK = '[masked]';
const SECRET = 's&cret/+= "\\%~<\'>\u00e9\u{1f511}-end';

function maskOf(...secrets: string[]): SecretMask {
  const mask = new SecretMask();
  for (const secret of secrets) mask.add(secret);
  return mask;
}

const formEncoded = (text: string) => new URLSearchParams({ s: text }).toString().slice(2);
const jsonEscaped = (text: string) => JSON.stringify(text).slice(1, -1);
// encodeURIComponent rejects half a surrogate pair, which is sent as U+FFFD.
const urlEncoded = (text: string) => encodeURIComponent(Buffer.from(text).toString());

const SPELLINGS: [string, (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['JSON-escaped', jsonEscaped],
  ['URL-encoded', urlEncoded],
  ['form-encoded', formEncoded],
];

describe('a known secret', () => {
  it.each(SPELLINGS)('is masked %s', (_, spell) => {
    const mask = maskOf(SECRET);
    const spelling = spell(SECRET);
    expect(mask.text(`before ${spelling} after`)).toBe(`before ${MASK} after`);
    expect(mask.text(spelling)).toBe(MASK);
    expect(mask.text(`${spelling}${spelling}`)).toBe(MASK + MASK);
  });

  it('is masked in each place, beside other secrets', () => {
    const mask = maskOf('secret-1', 'token_1');
    const text = 'Bearer token_1, secret=secret-1; Bearer token_1';
    expect(mask.text(text)).toBe(`Bearer ${MASK}, secret=${MASK}; Bearer ${MASK}`);
  });

  it('is masked if it is added after another text was masked', () => {
    const mask = maskOf('secret-1');
    expect(mask.text('token_1')).toBe('token_1');
    mask.add('token_1');
    expect(mask.text('token_1 secret-1')).toBe(`${MASK} ${MASK}`);
  });

  it('is not taken for a pattern', () => {
    const odd = '^(a|b)*[c-d]+{2}.\\$?/-';
    expect(maskOf(odd).text(`${odd} ab cd`)).toBe(`${MASK} ab cd`);
  });

  it('is masked as a whole if another secret begins like it', () => {
    expect(maskOf('token_1', 'token_12').text('token_12')).toBe(MASK);
    expect(maskOf('token_12', 'token_1').text('token_12')).toBe(MASK);
  });

  it('is masked together with each secret that overlaps it', () => {
    const mask = maskOf('left-shared', 'shared-right', 'hare');
    expect(mask.text('the left-shared-right end')).toBe(`the ${MASK} end`);
    expect(maskOf('hare', 'left-shared-right').text('left-shared-right')).toBe(MASK);
  });

  it.each(['\ud83d-secret-1', 'secret-1-\udd11', 'sec\udd11\ud83dret-1'])(
    'is masked if it has half a surrogate pair: %j',
    (secret) => {
      const mask = maskOf(secret);
      for (const [, spell] of SPELLINGS) {
        expect(mask.text(`a ${spell(secret)} b`)).toBe(`a ${MASK} b`);
      }
    },
  );

  it('is masked if it has 64 KiB', () => {
    const digests = Array.from({ length: 800 }, (_, n) => createHash('sha512').update(`${n}`));
    const token = digests
      .map((digest) => digest.digest('hex'))
      .join('')
      .slice(0, 65_536);
    expect(maskOf(token, SECRET).text(`a ${token} b ${SECRET} c`)).toBe(`a ${MASK} b ${MASK} c`);
  });

  it('is masked after 15 newer ones', () => {
    const mask = maskOf('secret-in-use');
    for (let nth = 1; nth <= 15; nth++) mask.add(`newer-${nth}`);
    expect(mask.text('secret-in-use newer-1 newer-15')).toBe(`${MASK} ${MASK} ${MASK}`);
  });

  it('is not shown if the mask is printed', () => {
    const mask = maskOf(SECRET);
    const printed = inspect(mask, { depth: null, showHidden: true }) + JSON.stringify(mask);
    expect(printed).not.toContain('cret/');
  });
});

describe('any other text', () => {
  it('stays as it is', () => {
    const text = 'Nothing to see here: café, 100 %, {"a":[1]}';
    expect(new SecretMask().text(text)).toBe(text);
    expect(maskOf('secret-1').text(text)).toBe(text);
  });

  it.each(['', 'a', 'ab', 'abc'])('stays as it is if the secret is too short: %j', (short) => {
    expect(maskOf(short).text(`x${short}x abc`)).toBe(`x${short}x abc`);
  });
});

describe('for any secret and any text', () => {
  const secrets = fc.oneof(
    fc.string({ minLength: 4, maxLength: 60 }),
    fc.string({ unit: 'grapheme', minLength: 4, maxLength: 30 }),
    fc.base64String({ minLength: 4, maxLength: 60 }),
    // Some with half a surrogate pair.
    fc
      .array(fc.constantFrom('a', '\u00e9', '\ud83d', '\udd11'), { minLength: 4, maxLength: 30 })
      .map((units) => units.join('')),
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

  // The mask itself may hold the secret, as `masked]` shows.
  const withoutMasks = (text: string) => text.replaceAll(MASK, '\u0000');

  it.each(SPELLINGS)('the secret is masked %s', (_, spell) => {
    fc.assert(
      fc.property(secrets, texts, texts, (secret, before, after) => {
        const masked = maskOf(secret).text(`${before}${spell(secret)}${after}`);
        expect(masked).toContain(MASK);
        expect(withoutMasks(masked).includes(secret)).toBe(false);
        if (Buffer.byteLength(secret) >= 6) {
          expect(withoutMasks(masked).includes(spell(secret))).toBe(false);
        }
      }),
    );
  });

  it('the secret is masked beside any others', () => {
    const several = fc.uniqueArray(secrets, { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(several, texts, (known, between) => {
        const masked = withoutMasks(maskOf(...known).text(known.join(between)));
        for (const secret of known) expect(masked.includes(secret)).toBe(false);
      }),
    );
  });
});
