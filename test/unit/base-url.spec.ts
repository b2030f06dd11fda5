import { describe, expect, it } from 'vitest';
import { baseUrlFaults } from '../../lib/options/base-url.js';
import { fc } from '../support/properties.js';

describe('a base URL', () => {
  it.each([
    'https://api.dokstamp.com',
    'https://api.dokstamp.com/',
    'https://api.dokstamp.com/v1/prefix/',
    'https://gateway.example:8443/dokstamp',
    'HTTPS://API.DOKSTAMP.COM',
    'https://[2001:db8::1]/',
  ])('may be %s', (url) => {
    expect(baseUrlFaults(url, false)).toEqual([]);
  });

  it.each([
    'http://localhost',
    'http://localhost:3000/api',
    'http://api.localhost:3000',
    'http://LOCALHOST',
    'http://127.0.0.1:8080',
    'http://127.1.2.3',
    'http://[::1]:8080',
  ])('may be http: for a loopback host: %s', (url) => {
    expect(baseUrlFaults(url, false)).toEqual([]);
  });

  it.each([
    'http://api.dokstamp.com',
    'http://localhost.example.com',
    'http://notlocalhost',
    'http://127.0.0.1.example.com',
    'http://128.0.0.1',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'http://[::2]',
  ])('may be http: for another host only with allowInsecureHttp: %s', (url) => {
    expect(baseUrlFaults(url, false)).toEqual([expect.stringContaining('must be https:')]);
    expect(baseUrlFaults(url, true)).toEqual([]);
  });

  it.each([
    [undefined],
    [null],
    [5],
    [''],
    ['  '],
    ['api.dokstamp.com'],
    ['/v1'],
    ['//host'],
    ['https://'],
  ])('must be absolute: not %j', (url) => {
    expect(baseUrlFaults(url, false)).toEqual([expect.stringContaining('absolute URL')]);
  });

  it.each(['ftp://api.dokstamp.com', 'file:///etc/passwd', 'ws://localhost', 'data:,x', 'host:80'])(
    'must be https: not %s, allowInsecureHttp or not',
    (url) => {
      expect(baseUrlFaults(url, false)).toEqual(['must be an https: URL']);
      expect(baseUrlFaults(url, true)).toEqual(['must be an https: URL']);
    },
  );

  it.each([
    ['user info', 'https://user:pass@api.dokstamp.com', 'user info'],
    ['a user', 'https://user@api.dokstamp.com', 'user info'],
    ['a password', 'https://:pass@api.dokstamp.com', 'user info'],
    ['a query', 'https://api.dokstamp.com?key=value', 'a query or fragment'],
    ['an empty query', 'https://api.dokstamp.com?', 'a query or fragment'],
    ['a fragment', 'https://api.dokstamp.com/#top', 'a query or fragment'],
    ['an empty fragment', 'https://api.dokstamp.com/#', 'a query or fragment'],
  ])('must not carry %s', (_, url, fault) => {
    expect(baseUrlFaults(url, true)).toEqual([`must not carry ${fault}`]);
  });

  it('is told all its faults at once', () => {
    expect(baseUrlFaults('http://user:pass@api.dokstamp.com/?a#b', false)).toHaveLength(3);
  });

  it('is never thrown at, and none of its text is repeated', () => {
    const urls = fc.oneof(
      fc.string(),
      fc.webUrl({ withQueryParameters: true, withFragments: true, validSchemes: ['http', 'ftp'] }),
      fc.string({ minLength: 6 }).map((text) => `http://user:${text}@example.com/`),
    );
    fc.assert(
      fc.property(urls, fc.boolean(), (url, insecure) => {
        const said = baseUrlFaults(url, insecure).join('\n');
        if (url.length > 12) expect(said).not.toContain(url);
        expect(said).not.toContain('example.com');
      }),
    );
  });
});
