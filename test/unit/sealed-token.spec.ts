import { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { accountKeys } from '../../lib/fleet/account-keys.js';
import { seal, unseal } from '../../lib/fleet/sealed-token.js';
import { repositoryText } from '../support/repository.js';

const BASE_URL = 'https://api.dokstamp.com';
const PAIR = { clientId: 'client-1', clientSecret: 'secret-1' };
const GRANT = {
  accessToken: 'token_1',
  lifetimeMs: 43_200_000,
  issuedAt: 1_767_225_600_000,
  ageMs: 120,
};
const NONCE = Buffer.from('000102030405060708090a0b', 'hex');

const keys = accountKeys(BASE_URL, PAIR);
const sealed = seal(GRANT, keys, NONCE);

describe('the test vector of docs/shared-token-format.md', () => {
  it('is what seal() writes', () => {
    const doc = repositoryText('docs/shared-token-format.md');
    const row = (what: string) => new RegExp(`\\| ${what}[^|]*\\| \`(.+?)\` +\\|`).exec(doc)?.[1];
    expect(row('key in store')).toBe(keys.name);
    expect(row('key of a failure')).toBe(keys.failure);
    expect(row('AES key')).toBe(keys.encryption.toString('hex'));
    expect(row('nonce \\(hex\\)')).toBe(NONCE.toString('hex'));
    expect(row('value')).toBe(sealed);
    expect(row('text')).toBe(JSON.stringify(Object.values(GRANT)));
  });

  it('can be read by an implementation that is made from the page', async () => {
    const { subtle } = webcrypto;
    const utf8 = (text: string) => new TextEncoder().encode(text);
    const account = JSON.stringify([BASE_URL, PAIR.clientId]);
    const secret = await subtle.importKey('raw', utf8(PAIR.clientSecret), 'HKDF', false, [
      'deriveBits',
    ]);
    const draw = (info: string, bits: number) =>
      subtle.deriveBits(
        {
          name: 'HKDF',
          hash: 'SHA-256',
          salt: utf8('nestjs-dokstamp/shared-token/1'),
          info: utf8(info),
        },
        secret,
        bits,
      );
    expect(Buffer.from(await draw(`name${account}`, 128)).toString('base64url')).toBe(keys.name);
    expect(Buffer.from(await draw(`failure${account}`, 128)).toString('base64url')).toBe(
      keys.failure,
    );
    const key = await subtle.importKey(
      'raw',
      await draw(`encryption${account}`, 256),
      'AES-GCM',
      false,
      ['decrypt'],
    );
    const bytes = Buffer.from(sealed, 'base64url');
    const text = await subtle.decrypt(
      {
        name: 'AES-GCM',
        iv: bytes.subarray(1, 13),
        additionalData: Buffer.concat([bytes.subarray(0, 1), Buffer.from(account)]),
      },
      key,
      bytes.subarray(13),
    );
    expect(JSON.parse(Buffer.from(text).toString())).toEqual([
      'token_1',
      43_200_000,
      1_767_225_600_000,
      120,
    ]);
  });
});

describe('a sealed token', () => {
  it('is read as it was written', () => {
    expect(unseal(sealed, keys)).toEqual(GRANT);
  });

  it('is a different text for each nonce, and shows neither token nor account', () => {
    expect(seal(GRANT, keys, Buffer.alloc(12, 7))).not.toBe(sealed);
    for (const shown of [sealed, keys.name, Buffer.from(sealed, 'base64url').toString('latin1')]) {
      expect(shown).not.toMatch(/token_1|client-1|dokstamp/);
    }
  });

  it.each([
    ['another secret', accountKeys(BASE_URL, { ...PAIR, clientSecret: 'rotated' })],
    [
      'another client of a very long id',
      accountKeys(BASE_URL, { ...PAIR, clientId: 'c'.repeat(5_000) }),
    ],
    ['another client', accountKeys(BASE_URL, { ...PAIR, clientId: 'client-2' })],
    ['another environment', accountKeys('https://sandbox.dokstamp.com', PAIR)],
  ])('cannot be read for %s, which has another key in the store too', (_, others) => {
    expect(unseal(sealed, others)).toBeUndefined();
    expect(others.name).not.toBe(keys.name);
  });

  it('cannot be read for another account with the same encryption key', () => {
    expect(unseal(sealed, { ...keys, account: Buffer.from('another') })).toBeUndefined();
  });

  it('cannot be read if a bit of it is flipped, version included', () => {
    const bytes = Buffer.from(sealed, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(unseal(flipped.toString('base64url'), keys)).toBeUndefined();
    }
  });

  it.each([
    '',
    'garbage',
    'AQ',
    '{}',
    'x'.repeat(300_000),
    '\u0000',
    sealed.slice(0, -4),
    `${sealed}AAAA`,
  ])('cannot be read from %j', (value) => expect(unseal(value, keys)).toBeUndefined());

  it.each([
    { ...GRANT, accessToken: '' },
    { ...GRANT, accessToken: 'a\r\nX-Tenant: b' },
    { ...GRANT, lifetimeMs: 0 },
    { ...GRANT, lifetimeMs: Infinity },
    { ...GRANT, issuedAt: Number.NaN },
    { ...GRANT, ageMs: -1 },
  ])('cannot be read if it holds an invalid token: %j', (grant) => {
    expect(unseal(seal(grant, keys, NONCE), keys)).toBeUndefined();
  });
});
