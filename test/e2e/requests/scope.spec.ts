import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isDokStampError } from '../../../lib/index.js';
import { type TestApp, bootAccount } from '../../support/app.js';
import { fc } from '../../support/properties.js';
import { accountAt } from '../../support/stub-account.js';
import { type StubServer, json, stubServer } from '../../support/stub-server.js';

const OURS = { authorization: 'Bearer token_1', 'x-tenant': 'my-university' };

describe('over HTTP, a request', () => {
  let other: StubServer;
  let api: StubServer;
  let account: TestApp;

  beforeAll(async () => {
    other = await stubServer((_, response) => json(response, 200, {}));
    api = await stubServer((_, response) => json(response, 200, {}));
    account = await accountAt({ url: `${api.url}/api` });
    // The stub has no token endpoint below this path.
    account.tokens.getToken = async () => 'token_1';
  });

  beforeEach(() => {
    api.seen.length = 0;
    other.seen.length = 0;
    account.http.axiosRef.defaults.paramsSerializer = undefined;
    account.http.axiosRef.defaults.params = undefined;
  });

  afterAll(async () => {
    await account[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  it.each(['/certificates', 'certificates', '/a/../b', '/%63ertificates', '/x?y=//other', '/a b'])(
    'below the base URL is ours: %s',
    async (url) => {
      await account.http.axiosRef.get(url);
      expect(api.seen).toMatchObject([{ headers: OURS }]);
    },
  );

  it.each(['', '/', '?page=2'])('to the base URL itself is ours: %j', async (url) => {
    await account.http.axiosRef.get(url);
    await account.http.axiosRef.get(`${api.url}/api${url}`);
    expect(api.seen).toMatchObject([{ headers: OURS }, { headers: OURS }]);
  });

  it('without a URL is ours', async () => {
    await account.http.axiosRef.request({ method: 'post' });
    expect(api.seen).toMatchObject([{ url: '/api', headers: OURS }]);
  });

  it('that takes an absolute URL for a path is ours', async () => {
    await account.http.axiosRef.get(`${other.url}/x`, { allowAbsoluteUrls: false });
    expect(other.seen).toEqual([]);
    expect(api.seen).toMatchObject([{ headers: OURS }]);
  });

  it('with user info carries only that', async () => {
    await account.http.axiosRef.get(`${api.url.replace('//', '//u:p@')}/api/x`);
    expect(api.seen[0]?.headers).toMatchObject({ authorization: `Basic ${btoa('u:p')}` });
    expect(api.seen[0]?.headers).not.toHaveProperty('x-tenant');
  });

  it('to another path or server carries no header of ours', async () => {
    const { axiosRef } = account.http;
    for (const url of ['/../admin', '/..%2fadmin', `${api.url}/api-v2/x`, `${api.url}/apix`]) {
      await axiosRef.get(url);
    }
    await axiosRef.get(`${other.url}/api/x`);
    await axiosRef.get('/api/x', { baseURL: other.url });
    expect(api.seen).toHaveLength(4);
    expect(other.seen).toHaveLength(2);
    for (const { headers } of [...api.seen, ...other.seen]) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('x-tenant');
      expect(headers['user-agent']).not.toContain('dokstamp');
    }
  });

  describe("with the app's paramsSerializer, which requires an id,", () => {
    const serialized: unknown[] = [];

    beforeEach(() => {
      serialized.length = 0;
      const serialize = (params: { id?: number }) => {
        serialized.push(params);
        if (params.id === undefined) throw new Error('There is no id.');
        return `id=${params.id}`;
      };
      account.http.axiosRef.defaults.paramsSerializer = { serialize };
    });

    it.each(['/certificates', '/a b'])('is ours, and calls it once: %s', async (url) => {
      await account.http.axiosRef.get(url, { params: { id: 1 } });
      expect(api.seen).toMatchObject([{ url: `/api${encodeURI(url)}?id=1`, headers: OURS }]);
      expect(serialized).toEqual([{ id: 1 }]);
    });

    it('is ours with default params, and calls it once', async () => {
      account.http.axiosRef.defaults.params = { id: 2 };
      await account.http.axiosRef.get('/a b');
      expect(api.seen).toMatchObject([{ url: '/api/a%20b?id=2', headers: OURS }]);
      expect(serialized).toEqual([{ id: 2 }]);
    });

    it('is ours without params, and does not call it', async () => {
      await account.http.axiosRef.get('/a b');
      expect(api.seen).toMatchObject([{ url: '/api/a%20b', headers: OURS }]);
      expect(serialized).toEqual([]);
    });
  });
});

describe('before it is sent, a request', () => {
  const accounts = new Map<string, Promise<TestApp>>();

  /** One account for each base URL. */
  function accountOf(baseURL: string): Promise<TestApp> {
    const known = accounts.get(baseURL);
    if (known) return known;
    const pair = { clientId: 'id', clientSecret: 'secret' };
    const booted = bootAccount({ baseURL, ...pair, tenant: 'uni', startup: 'lazy' }).then((app) => {
      app.tokens.getToken = async () => 'token_1';
      return app;
    });
    accounts.set(baseURL, booted);
    return booted;
  }

  afterAll(async () => {
    for (const app of accounts.values()) await (await app)[Symbol.asyncDispose]();
  });

  /** Sends through an adapter without a network. Returns the URL to be requested, and whether our headers are on the request. */
  async function sent(
    baseURL: string,
    config: AxiosRequestConfig,
  ): Promise<{ url: string; isOurs: boolean }> {
    let result = { url: '', isOurs: false };
    const adapter: AxiosAdapter = async (settled) => {
      const { headers, url, allowAbsoluteUrls, params } = settled;
      const marks = ['Authorization', 'X-Tenant', 'User-Agent'].filter((name) => headers.has(name));
      expect([0, 3]).toContain(marks.length);
      // The adapters of axios request the URL that axios composes.
      const requested = axios.getUri({ url, allowAbsoluteUrls, params, baseURL: settled.baseURL });
      result = { url: requested, isOurs: marks.length > 0 };
      return { data: '', status: 200, statusText: 'OK', headers: {}, config: settled };
    };
    const { http } = await accountOf(baseURL);
    await http.axiosRef.request({ ...config, adapter }).catch((error: unknown) => {
      // axios rejects a URL that it cannot compose; nothing is sent then.
      if (isDokStampError(error)) throw error;
    });
    return result;
  }

  function liesBelow(baseURL: string, requested: string): boolean {
    const [base, url] = [new URL(baseURL), new URL(requested)];
    const prefix = `${base.pathname.replace(/\/+$/, '')}/`;
    const hasOrigin = url.origin === base.origin && !url.username && !url.password;
    return hasOrigin && (url.pathname.startsWith(prefix) || `${url.pathname}/` === prefix);
  }

  const words = (text: string) => text.split(' ');
  const host = fc.constantFrom(
    ...words('api.example API.Example api.example. api.example:443 api.example:8443'),
    ...words('evil.example api.example.evil.example u:p@api.example api.example@evil.example'),
    ...words('@api.example [::1]'),
  );
  const scheme = fc.constantFrom(
    ...words('https:// http:// HTTPS:// // \\\\ https:\\\\ https:/ https: ftp:// data:'),
    '',
  );
  const piece = fc.oneof(
    fc.constantFrom(
      ...words('/ // \\ .. . v1 v10 %2e %2E%2e %2F %5c %252f %252e ? # @ : ; [ x'),
      ' ',
      '\t',
      '\n',
      '\u0000',
    ),
    // Not fc.string({ unit: 'binary' }), which takes a second to prepare.
    fc.array(fc.nat(0xffff), { maxLength: 3 }).map((units) => String.fromCharCode(...units)),
  );
  const path = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
  const url = fc.oneof(
    path,
    fc.tuple(scheme, host, path).map((parts) => parts.join('')),
  );
  const base = fc
    .tuple(
      fc.constantFrom('https://api.example', 'https://API.example:443', 'https://api.example:8443'),
      fc.constantFrom('', '/', '/v1', '/v1/', '/a%20b/v1', '/v1//'),
    )
    .map((parts) => parts.join(''));

  it('is ours only if its URL has the origin of the base URL and lies below its path', async () => {
    const params = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
    const perRequest = fc.record(
      { allowAbsoluteUrls: fc.boolean(), baseURL: fc.oneof(base, url), params },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(base, url, perRequest, async (baseURL, requestUrl, config) => {
        const { isOurs, url: requested } = await sent(baseURL, { url: requestUrl, ...config });
        if (isOurs) expect(liesBelow(baseURL, requested)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is ours for each plain path below the base URL', async () => {
    const segment = fc.stringMatching(/^[\w-]{1,8}$/);
    const plain = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(base, plain, fc.constantFrom('', '/'), async (baseURL, below, slash) => {
        const { isOurs } = await sent(baseURL, { url: slash + below });
        expect(isOurs).toBe(true);
      }),
    );
  });

  it.each<[string, string, AxiosRequestConfig?]>([
    ['another port', 'https://api.example:8443/v1/x'],
    ['another scheme', 'http://api.example/v1/x'],
    ['another host', 'https://evil.example/v1/x'],
    ['user info', 'https://u:p@api.example/v1/x'],
    ['a user name alone', 'https://u@api.example/v1/x'],
    ['the host as user info of another', 'https://api.example@evil.example/v1/x'],
    ['a dot at the end of the host', 'https://api.example./v1/x'],
    ['a URL without a scheme', '//evil.example/v1/x'],
    ['backslashes', 'https:\\\\evil.example\\v1\\x'],
    ['a sibling path', 'https://api.example/v10/x'],
    ['a sibling of the prefix', 'https://api.example/v10'],
    ['a sibling of the prefix by dot segments', '/../v10'],
    ['a longer prefix with an encoded slash', 'https://api.example/v1%2fx'],
    ['the prefix and an encoded way out of it', '/..%2f'],
    ['the path above', 'https://api.example/x'],
    ['dot segments', '/../x'],
    ['dot segments alone', '/..'],
    ['dot segments after a segment', '/a/../../x'],
    ['encoded dot segments', '/%2e%2e/x'],
    ['a half encoded dot segment', '/.%2e/x'],
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

  it.each<[string, string, AxiosRequestConfig?]>([
    ['an absolute URL below the base', 'https://api.example/v1/x'],
    ['no path', ''],
    ['the path /', '/'],
    ['a query alone', '?page=2'],
    ['the base URL itself', 'https://api.example/v1'],
    ['the base URL with a slash', 'https://api.example/v1/'],
    ['dot segments that lead to the base', '/a/..'],
    ['capitals in scheme and host', 'HTTPS://API.EXAMPLE/v1/x'],
    ['the default port', 'https://api.example:443/v1/x'],
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

  it('is ours or not by the same rule if the base URL has no path', async () => {
    expect(await sent('https://api.example', { url: '/%2f[' })).toMatchObject({ isOurs: true });
    expect(await sent('https://api.example', { url: '//evil.example/' })).toMatchObject({
      isOurs: false,
    });
  });
});
