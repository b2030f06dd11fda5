import { validateHeaderValue } from 'node:http';
import { describe, expect, it } from 'vitest';
import { isFilled, isLegalHeaderValue } from '../../lib/options/header-value.js';
import { fc } from '../support/properties.js';

describe('isLegalHeaderValue', () => {
  it.each([
    '',
    'my-university',
    'a b',
    'tab\there',
    '~!@#$%^&*()',
    'caf\u00e9',
    '\u0080',
    '\u00ff',
  ])('accepts %j', (value) => {
    expect(isLegalHeaderValue(value)).toBe(true);
  });

  it.each(['a\nb', 'a\r\nb', 'a\n', '\u0000', '\u001f', '\u007f', '\u0100', '\u2014', '\u{1f393}'])(
    'rejects %j',
    (value) => {
      expect(isLegalHeaderValue(value)).toBe(false);
    },
  );

  it('accepts exactly what Node.js sends', () => {
    const isSent = (value: string) => {
      try {
        validateHeaderValue('x-tenant', value);
        return true;
      } catch {
        return false;
      }
    };
    // Not fc.string({ unit: 'binary' }), which takes a second to prepare.
    const unit = fc.oneof(fc.nat(0x17f), fc.nat(0xffff));
    const texts = fc.oneof(
      fc.string(),
      fc.array(unit, { maxLength: 10 }).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(fc.property(texts, (value) => isLegalHeaderValue(value) === isSent(value)));
  });
});

describe('isFilled', () => {
  it.each(['a', ' a ', '0', '\u00a0a'])('accepts %j', (value) => {
    expect(isFilled(value)).toBe(true);
  });

  it.each([[''], [' '], ['\t\r\n'], [undefined], [null], [0], [5], [true], [['a']], [{}]])(
    'rejects %j',
    (value) => {
      expect(isFilled(value)).toBe(false);
    },
  );
});
