import { describe, expect, it } from 'vitest';
import { baseUrlFaults } from '../../lib/options/base-url.js';
import { fc } from '../support/properties.js';

describe('baseUrlFaults()', () => {
  it.each([
    'https://api.dokstamp.com',
    'https://api.dokstamp.com/',
    'https://api.dokstamp.com/v1/prefix/',
    'https://gateway.example:8443/dokstamp',
    'HTTPS://API.DOKSTAMP.COM',
    'https://[2001:db8::1]/',
  ])('accepts %s', (url) => {
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
  ])('accepts http: for the loopback host of %s', (url) => {
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
  ])('accepts %s only if allowInsecureHttp is true', (url) => {
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
  ])('returns a fault for %j, which is not an absolute URL', (url) => {
    expect(baseUrlFaults(url, false)).toEqual([expect.stringContaining('absolute URL')]);
  });

  it.each(['ftp://api.dokstamp.com', 'file:///etc/passwd', 'ws://localhost', 'data:,x', 'host:80'])(
    'returns a fault for the protocol of %s, also if allowInsecureHttp is true',
    (url) => {
      expect(baseUrlFaults(url, false)).toEqual(['must be an https: URL']);
      expect(baseUrlFaults(url, true)).toEqual(['must be an https: URL']);
    },
  );

  it.each([
    ['user info', 'https://user:pass@api.dokstamp.com', 'user info'],
    ['a user', 'https://user@api.dokstamp.com', 'user info'],
    ['a password', 'https://:pass@api.dokstamp.com', 'user info'],
    ['a query', 'https://api.dokstamp.com?key=value', 'a query'],
    ['an empty query', 'https://api.dokstamp.com?', 'a query'],
    ['a fragment', 'https://api.dokstamp.com/#top', 'a fragment'],
    ['an empty fragment', 'https://api.dokstamp.com/#', 'a fragment'],
  ])('returns a fault for %s', (_, url, fault) => {
    expect(baseUrlFaults(url, true)).toEqual([`must not carry ${fault}`]);
  });

  it('returns all faults of one URL', () => {
    expect(baseUrlFaults('ftp://user:pass@api.dokstamp.com/?a#b', false)).toHaveLength(4);
  });

  it('never throws, and repeats no text of the URL', () => {
    const scheme = fc.constantFrom('http', 'https', 'ftp', 'file');
    const text = fc.string({ minLength: 6 });
    const urls = fc.oneof(
      text,
      fc.tuple(scheme, text).map(([name, end]) => `${name}://user:${end}@example.com/`),
      fc.tuple(scheme, text).map(([name, end]) => `${name}://example.com/${end}?a#b`),
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
