import { validateHeaderValue } from 'node:http';
import { describe, expect, it } from 'vitest';
import { isFilled, isLegalHeaderValue } from '../../lib/options/header-value.js';
import { fc } from '../support/properties.js';

describe('a header value', () => {
  it.each([
    '',
    'my-university',
    'a b',
    'tab\there',
    '~!@#$%^&*()',
    'caf\u00e9',
    '\u0080',
    '\u00ff',
  ])('may be %j', (value) => {
    expect(isLegalHeaderValue(value)).toBe(true);
  });

  it.each(['a\nb', 'a\r\nb', 'a\n', '\u0000', '\u001f', '\u007f', '\u0100', '\u2014', '\u{1f393}'])(
    'may not be %j',
    (value) => {
      expect(isLegalHeaderValue(value)).toBe(false);
    },
  );

  it('is legal exactly where Node.js would send it', () => {
    const sends = (value: string) => {
      try {
        validateHeaderValue('x-tenant', value);
        return true;
      } catch {
        return false;
      }
    };
    const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(texts, (value) => {
        expect(isLegalHeaderValue(value)).toBe(sends(value));
      }),
      { numRuns: 300 },
    );
  });
});

describe('text with something in it', () => {
  it.each(['a', ' a ', '0', '\u00a0a'])('is %j', (value) => {
    expect(isFilled(value)).toBe(true);
  });

  it.each([[''], [' '], ['\t\r\n'], [undefined], [null], [0], [5], [true], [['a']], [{}]])(
    'is not %j',
    (value) => {
      expect(isFilled(value)).toBe(false);
    },
  );
});
