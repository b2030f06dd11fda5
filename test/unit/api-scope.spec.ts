import { HttpService } from '@nestjs/axios';
import { describe, expect, it } from 'vitest';
import { DokStampError } from '../../lib/errors/dokstamp.error.js';
import { createHttpService } from '../../lib/http/http-service.factory.js';
import { mayGoWithoutTenant } from '../../lib/http/api-scope.js';
import { resolveOptions } from '../../lib/options/options.resolver.js';
import type { TokenService } from '../../lib/index.js';
import { fc } from '../support/properties.js';

const axios = new HttpService().axiosRef;
type Config = Parameters<typeof axios.request>[0] & { headers: { has(name: string): boolean } };

/** Sends by a transport that sends nothing; tells the URL that it would have requested, and whether with our headers. */
async function sent(
  baseURL: string,
  config: Omit<Config, 'headers'>,
): Promise<{ url: string; isOurs: boolean }> {
  const options = resolveOptions({
    baseURL,
    clientId: 'id',
    clientSecret: 'secret',
    tenant: 'uni',
  });
  const tokens = { getToken: async () => 'token_1' } as unknown as TokenService;
  let told: { url: string; isOurs: boolean } | undefined;
  const adapter = async (settled: Config) => {
    const { headers, url, allowAbsoluteUrls, params } = settled;
    const marks = ['Authorization', 'X-Tenant', 'User-Agent'].filter((name) => headers.has(name));
    expect([0, 3]).toContain(marks.length);
    // As the adapters of axios do it; `axios` here is another instance, with no defaults of ours.
    const full = { url, allowAbsoluteUrls, params, baseURL: settled.baseURL ?? '' };
    told = { url: axios.getUri(full as Config), isOurs: marks.length > 0 };
    return { data: '', status: 200, statusText: 'OK', headers: {}, config: settled };
  };
  const { axiosRef } = createHttpService(options, tokens);
  await axiosRef.request({ ...config, adapter: adapter as never }).catch((error: unknown) => {
    // Nothing was sent, or it could not be: no URL of that sort exists.
    if (error instanceof DokStampError) throw error;
  });
  return told ?? { url: '', isOurs: false };
}

function liesBelow(baseURL: string, requested: string): boolean {
  const [base, url] = [new URL(baseURL), new URL(requested)];
  const prefix = `${base.pathname.replace(/\/+$/, '')}/`;
  const hasOrigin = url.origin === base.origin && !url.username && !url.password;
  return hasOrigin && (url.pathname.startsWith(prefix) || `${url.pathname}/` === prefix);
}

const host = fc.constantFrom(
  'api.example',
  'API.Example',
  'api.example.',
  'api.example:443',
  'api.example:8443',
  'evil.example',
  'api.example.evil.example',
  'u:p@api.example',
  'api.example@evil.example',
  '@api.example',
  '[::1]',
);
const scheme = fc.constantFrom(
  'https://',
  'http://',
  'HTTPS://',
  '//',
  '\\\\',
  'https:\\\\',
  'https:/',
  'https:',
  'ftp://',
  'data:',
  '',
);
const piece = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '\\',
    '..',
    '.',
    'v1',
    'v10',
    '%2e',
    '%2E%2e',
    '%2F',
    '%5c',
    '%252f',
    '%252e',
    '?',
    '#',
    '@',
    ':',
    ';',
    '[',
    ' ',
    '\t',
    '\n',
    '\u0000',
    'x',
  ),
  fc.string({ maxLength: 3, unit: 'binary' }),
);
const path = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
const url = fc.oneof(
  path,
  fc.tuple(scheme, host, path).map((parts) => parts.join('')),
  fc.webUrl(),
);
const base = fc
  .tuple(
    fc.constantFrom('https://api.example', 'https://API.example:443', 'https://api.example:8443'),
    fc.constantFrom('', '/', '/v1', '/v1/', '/a%20b/v1', '/v1//'),
  )
  .map((parts) => parts.join(''));

describe('whose request it is', () => {
  it('is ours only if what is requested has the origin of the base URL and lies below its path', async () => {
    const perRequest = fc.record(
      { allowAbsoluteUrls: fc.boolean(), baseURL: fc.oneof(base, url), params: fc.object() },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(base, url, perRequest, async (baseURL, requestUrl, config) => {
        const { isOurs, url: requested } = await sent(baseURL, { url: requestUrl, ...config });
        if (isOurs) expect(liesBelow(baseURL, requested)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is ours for any plain path below the base URL', async () => {
    const segment = fc.stringMatching(/^[\w-]{1,8}$/);
    const plain = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(base, plain, fc.constantFrom('', '/'), async (baseURL, below, slash) => {
        const { isOurs } = await sent(baseURL, { url: slash + below });
        expect(isOurs).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, string, Omit<Config, 'headers' | 'url'>?]>([
    ['another port', 'https://api.example:8443/v1/x'],
    ['another scheme', 'http://api.example/v1/x'],
    ['another host', 'https://evil.example/v1/x'],
    ['user info', 'https://u:p@api.example/v1/x'],
    ['a user name alone', 'https://u@api.example/v1/x'],
    ['the host as user info of another', 'https://api.example@evil.example/v1/x'],
    ['a dot at the end of the host', 'https://api.example./v1/x'],
    ['a URL without scheme', '//evil.example/v1/x'],
    ['backslashes', 'https:\\\\evil.example\\v1\\x'],
    ['a sibling path', 'https://api.example/v10/x'],
    ['a sibling of the prefix', 'https://api.example/v10'],
    ['a sibling of the prefix by dot segments', '/../v10'],
    ['a longer prefix with an encoded slash', 'https://api.example/v1%2fx'],
    ['the prefix and an encoded way out of it', '/..%2f'],
    ['the path above', 'https://api.example/x'],
    ['dot segments', '/../x'],
    ['encoded dot segments', '/%2e%2e/x'],
    ['dot segments by backslash', '/..\\x\\..\\..\\x'],
    ['an encoded slash that leads out', '/..%2fx'],
    ['a twice encoded slash that leads out', '/a/..%252f..%252fx'],
    ['an encoded backslash that leads out', '/..%5Cx'],
    ['dots that are encoded twice', '/%252e%252e%2fx'],
    ['a base URL of the request', '/x', { baseURL: 'https://evil.example/v1' }],
    ['a socket of the request', '/x', { socketPath: '/run/other.sock' }],
  ])('is not ours with %s', async (_, requestUrl, config) => {
    const { isOurs } = await sent('https://api.example/v1', { url: requestUrl, ...config });
    expect(isOurs).toBe(false);
  });

  it.each<[string, string, Omit<Config, 'headers' | 'url'>?]>([
    ['an absolute URL below the base', 'https://api.example/v1/x'],
    ['no path', ''],
    ['the path /', '/'],
    ['a query alone', '?page=2'],
    ['the base URL itself', 'https://api.example/v1'],
    ['the base URL with a slash', 'https://api.example/v1/'],
    ['dot segments that lead to the base', '/a/..'],
    ['capitals in scheme and host', 'HTTPS://API.EXAMPLE/v1/x'],
    ['the port that goes without saying', 'https://api.example:443/v1/x'],
    ['an absolute URL taken for a path', 'https://evil.example/x', { allowAbsoluteUrls: false }],
    ['dot segments that stay below', '/a/../b'],
    ['an encoded slash that stays below', '/a%2fb'],
    ['an encoded slash before a bracket', '/%2f['],
    ['a query', '/x?to=//evil.example'],
    ['the same base URL in the request', '/x', { baseURL: 'https://api.example/v1/' }],
  ])('is ours with %s', async (_, requestUrl, config) => {
    const { isOurs } = await sent('https://api.example/v1', { url: requestUrl, ...config });
    expect(isOurs).toBe(true);
  });

  it('is decided for a base URL without a path as well', async () => {
    expect(await sent('https://api.example', { url: '/%2f[' })).toMatchObject({ isOurs: true });
    expect(await sent('https://api.example', { url: '//evil.example/' })).toMatchObject({
      isOurs: false,
    });
  });
});

describe('a path', () => {
  it.each(['/auth/me', '/auth/a/b', '/files/1b-2/download'])(
    'may go without a tenant: %s',
    (at) => {
      expect(mayGoWithoutTenant(at)).toBe(true);
    },
  );

  it.each(['/auth', '/auth/', '/authors', '/x/auth/me', '/files/1/download/2', '/files/download'])(
    'may not go without a tenant: %s',
    (at) => {
      expect(mayGoWithoutTenant(at)).toBe(false);
    },
  );
});
