import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { SecretMask } from '../../lib/redaction/secret-mask.js';
import { fc } from '../support/properties.js';

const MASK = '[masked]';
const SECRET = 's&cret/+= "\\%~<\'>\u00e9\u{1f511}-end';
const LONG = 64 * 1024;

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function maskOf(...secrets: string[]): SecretMask {
  const mask = new SecretMask();
  for (const secret of secrets) mask.add(secret);
  return mask;
}

const formEncoded = (text: string) => new URLSearchParams({ s: text }).toString().slice(2);
const jsonEscaped = (text: string) => JSON.stringify(text).slice(1, -1);
const asciiOnly = (text: string) =>
  text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const htmlEscaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#039;');
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
    ['JSON-escaped in ASCII', asciiOnly(jsonEscaped(SECRET))],
    ['JSON-escaped as PHP does', asciiOnly(jsonEscaped(SECRET)).replaceAll('/', '\\/')],
    ['HTML-escaped', htmlEscaped(SECRET)],
    ['HTML-escaped as lodash does', htmlEscaped(SECRET).replaceAll('&#039;', '&#39;')],
    ['HTML-escaped as Python does', htmlEscaped(SECRET).replaceAll('&#039;', '&#x27;')],
    [
      'HTML-escaped as Go does',
      htmlEscaped(SECRET).replaceAll('&#039;', '&#39;').replaceAll('&quot;', '&#34;'),
    ],
    ['in UTF-8 bytes that are read as Latin-1', Buffer.from(SECRET).toString('latin1')],
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

  it('is taken out with whatever other secret overlaps it', () => {
    const both = maskOf('left-shared', 'shared-right', 'hare');
    expect(both.text('the left-shared-right end')).toBe(`the ${MASK} end`);
    expect(maskOf('hare', 'left-shared-right').text('left-shared-right')).toBe(MASK);
  });

  it('is not shown by the mask itself, nor by what holds it', () => {
    const shown = [mask, mask.hold(SECRET)];
    const printed = inspect(shown, { depth: null, showHidden: true }) + JSON.stringify(shown);
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

  it('are more than the 16 values used last', async () => {
    const mask = new SecretMask();
    const add = (name: string, count: number) => {
      for (let nth = 0; nth < count; nth++) mask.add(`${name}-${nth}`);
    };
    add('first', 40);
    mask.add('secret-in-use');
    add('second', 10);
    mask.add('secret-in-use');
    add('third', 10);
    await turn();
    collectGarbage();
    await turn();
    for (let nth = 0; nth < 100; nth++) mask.hold(`passing-by-${nth}`);
    expect(mask.text('secret-in-use second-5 third-0')).toBe(`${MASK} ${MASK} ${MASK}`);
    expect(mask.text('first-0 first-39 second-4')).toBe('first-0 first-39 second-4');
  });
});

describe('a secret that is held', () => {
  const someRenewals = async (mask: SecretMask, count: number, name = 'later') => {
    for (let nth = 0; nth < count; nth++) mask.add(`${name}-value-${nth}`);
    await turn();
    collectGarbage();
    await turn();
  };

  it('is known after any number of later ones, whether they were looked for or not', async () => {
    const mask = new SecretMask();
    const held = ['token_one', 'token_two'].map((token) => mask.hold(token));
    await someRenewals(mask, 1_000);
    expect(mask.text('a token_one b token_two c')).toBe(`a ${MASK} b ${MASK} c`);
    await someRenewals(mask, 1_000, 'still-later');
    expect(mask.text('a token_one b token_two c')).toBe(`a ${MASK} b ${MASK} c`);
    expect(held[0]).not.toBe(held[1]);
  });

  it('is forgotten with its holder, once others have come', async () => {
    const mask = new SecretMask();
    let held: object | undefined = mask.hold('token_one');
    mask.add('token_two');
    await someRenewals(mask, 100);
    expect(mask.text('token_one')).toBe(MASK);
    held = undefined;
    expect(held).toBeUndefined();
    await someRenewals(mask, 100, 'still-later');
    await someRenewals(mask, 100, 'last');
    expect(mask.text('token_one token_two later-value-0')).toBe(
      'token_one token_two later-value-0',
    );
    expect(mask.text('last-value-99')).toBe(MASK);
  });

  it('has one holder for all who hold it', async () => {
    const mask = new SecretMask();
    const held = mask.hold('token_one');
    await someRenewals(mask, 100);
    expect(mask.hold('token_one')).toBe(held);
    mask.add('token_one');
    expect(mask.hold('token_one')).toBe(held);
  });

  it.each([0, 100])('is known again when it comes again after %d others', async (others) => {
    const mask = new SecretMask();
    mask.hold('token_one');
    await someRenewals(mask, others);
    const held = mask.hold('token_one');
    await someRenewals(mask, 100, 'still-later');
    await someRenewals(mask, 100, 'last');
    expect(mask.text('token_one')).toBe(MASK);
    expect(held).toBeTypeOf('object');
  });

  it('may be too short to be one', () => {
    const mask = new SecretMask();
    expect(mask.hold('abc')).toBeTypeOf('object');
    expect(mask.text('abc')).toBe('abc');
  });
});

describe('a secret of 64 KiB', () => {
  const random = (name: string) =>
    Array.from({ length: 800 }, (_, n) =>
      createHash('sha512').update(`${name} ${n}`).digest('base64'),
    );
  const token = random('token').join('').replaceAll('=', '.').slice(0, LONG);
  const odd = random('odd').join(SECRET).slice(-LONG);

  it.each<[string, (secret: string) => string]>([
    ['plain', (secret) => secret],
    ['form-encoded', formEncoded],
    ['JSON-escaped', jsonEscaped],
    ['HTML-escaped', htmlEscaped],
    ['in base64', (secret) => base64(`client-id:${secret}`)],
  ])('is taken out %s, beside another', (_, spell) => {
    const masked = maskOf(token, odd).text(`a ${spell(token)} b ${spell(odd)} c`);
    // Before and after it, Base64 leaves what is not the secret's alone.
    expect(masked).toMatch(/^a \S{0,14}\[masked\]\S{0,2} b \S{0,14}\[masked\]\S{0,3} c$/);
  });

  it('is taken out where its beginning is missing, and stands where its end is', () => {
    const short = maskOf(token).text(`${token.slice(0, -1)} ${token.slice(1)}`);
    expect(short.slice(-MASK.length)).toBe(MASK);
    const beginning = token.slice(0, -1);
    expect(maskOf(token).text(beginning)).toBe(beginning);
  });

  it('is found in a text that is full of what looks like it', () => {
    const filler = 'a'.repeat(LONG / 2);
    const mask = maskOf(`${filler}b${filler}`, `${filler}${filler}`, `${filler}\u00e9`);
    expect(mask.text('a'.repeat(4 * LONG))).toBe(MASK);
    expect(mask.text(`${'a'.repeat(LONG)}\u{1f511}${'a'.repeat(1_000)}`)).toContain(MASK);
  });
});

describe('a secret with half a surrogate pair', () => {
  it.each([
    '\ud83d-secret-1',
    'secret-1-\udd11',
    'sec\udd11\ud83dret-1',
    '\ud83d\ud83d\ud83d\ud83d',
  ])('is taken out as it is and as it is sent: %j', (secret) => {
    const mask = maskOf(secret);
    const sent = Buffer.from(secret).toString();
    const spellings = [secret, sent, formEncoded(secret), jsonEscaped(secret), jsonEscaped(sent)];
    for (const spelling of spellings) expect(mask.text(`a ${spelling} b`)).toBe(`a ${MASK} b`);
    expect(mask.text(base64(secret))).toContain(MASK);
  });
});

describe('any secret in any text', () => {
  const secrets = fc.oneof(
    fc.string({ minLength: 4, maxLength: 60 }),
    fc.string({ unit: 'grapheme', minLength: 4, maxLength: 30 }),
    fc.base64String({ minLength: 4, maxLength: 60 }),
    // Lone surrogates among others.
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

  // What the mask leaves in a secret's place may itself be one, as `masked]` is.
  const outside = (text: string) => text.replaceAll(MASK, '\u0000');

  it.each<[string, (secret: string) => string]>([
    ['plain', (secret) => secret],
    ['URL-encoded', (secret) => encodeURIComponent(Buffer.from(secret).toString())],
    ['form-encoded', formEncoded],
    ['JSON-escaped', jsonEscaped],
    ['HTML-escaped', htmlEscaped],
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
