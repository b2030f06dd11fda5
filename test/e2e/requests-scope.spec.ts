import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestApp, bootAccount } from '../support/app.js';
import { type StubServer, json, stubDokStamp, stubServer } from '../support/stub-server.js';
import '../support/properties.js';

let other: StubServer;
let api: Awaited<ReturnType<typeof stubDokStamp>>;
let app: TestApp;

beforeEach(async () => {
  other = await stubServer((_, response) => json(response, 200, {}));
  api = await stubDokStamp(({ url }, response) => {
    const [, status, to] = /^\/api\/(30\d)\?to=(.*)$/.exec(url) ?? [];
    if (!status || !to) return json(response, 200, {});
    response.writeHead(Number(status), { location: decodeURIComponent(to) });
    return response.end();
  });
  app = await bootAccount({
    baseURL: `${api.url}/api`,
    credentials: () => ({ clientId: 'id', clientSecret: 'secret-1' }),
    tenant: 'uni',
    startup: 'lazy',
  });
  // Below the prefix, the stub knows no token endpoint of its own.
  app.tokens.getToken = async () => 'token_1';
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const ours = { authorization: 'Bearer token_1', 'x-tenant': 'uni' };

describe('whose requests', () => {
  it.each([
    '/certificates',
    'certificates',
    '/a/../b',
    '/%63ertificates',
    '/a%2fb',
    '/x?y=//other',
    '/a b',
  ])('are ours: %s', async (url) => {
    await app.http.axiosRef.get(url);
    expect(api.seen.at(-1)?.headers).toMatchObject(ours);
  });

  it.each(['', '/', '?page=2'])('are ours at the base itself, by the path %j', async (url) => {
    await app.http.axiosRef.get(url);
    await app.http.axiosRef.get(`${api.url}/api${url}`);
    expect(api.seen).toHaveLength(2);
    for (const { headers } of api.seen) expect(headers).toMatchObject(ours);
  });

  it('are ours without a URL', async () => {
    await app.http.axiosRef.request({ method: 'post' });
    expect(api.seen).toMatchObject([{ url: '/api', headers: ours }]);
  });

  it('are ours by an absolute URL below the base, also in capitals', async () => {
    await app.http.axiosRef.get(`${api.url.replace('http', 'HTTP')}/api/certificates`);
    expect(api.seen.at(-1)?.headers).toMatchObject(ours);
  });

  it.each([
    '/../admin',
    '/..',
    '/%2e%2e/admin',
    '/a/../../admin',
    '/..%2fadmin',
    '/..%5cadmin',
    '\\..\\..\\admin',
    '/.%2e/x',
  ])('are not ours when they lead out of the path: %s', async (url) => {
    await app.http.axiosRef.get(url);
    expect(api.seen.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(api.seen.at(-1)?.headers).not.toHaveProperty('x-tenant');
  });

  it('are not ours on a sibling path, with user info, or on another port', async () => {
    const urls = [
      `${api.url}/api-v2/x`,
      `${api.url}/apix`,
      `${api.url.replace('//', '//u:p@')}/api/x`,
    ];
    for (const url of urls) {
      await app.http.axiosRef.get(url);
      expect(api.seen.at(-1)?.headers['x-tenant']).toBeUndefined();
      expect(String(api.seen.at(-1)?.headers.authorization)).not.toContain('token');
    }
    await app.http.axiosRef.get(`${other.url}/api/x`);
    await app.http.axiosRef.get('/api/x', { baseURL: other.url });
    expect(other.seen).toHaveLength(2);
    for (const { headers } of other.seen) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('x-tenant');
      expect(headers['user-agent']).not.toContain('dokstamp');
    }
  });

  it('are ours when an absolute URL is taken for a path', async () => {
    await app.http.axiosRef.get(`${other.url}/x`, { allowAbsoluteUrls: false });
    expect(other.seen).toEqual([]);
    expect(api.seen.at(-1)?.headers).toMatchObject(ours);
  });

  describe('with a paramsSerializer of the app that cannot do without an id', () => {
    const made: unknown[] = [];
    const serialize = (params: { id?: number }) => {
      made.push(params);
      if (params.id === undefined) throw new Error('There is no id.');
      return `id=${params.id}`;
    };

    beforeEach(() => {
      made.length = 0;
      app.http.axiosRef.defaults.paramsSerializer = { serialize };
    });

    it.each(['/certificates', '/a b'])('are ours, and it is called once: %s', async (url) => {
      await app.http.axiosRef.get(url, { params: { id: 1 } });
      expect(api.seen).toMatchObject([{ url: `/api${encodeURI(url)}?id=1`, headers: ours }]);
      expect(made).toEqual([{ id: 1 }]);
    });

    it('are ours with params among the defaults, and it is called once', async () => {
      app.http.axiosRef.defaults.params = { id: 2 };
      await app.http.axiosRef.get('/a b');
      expect(api.seen).toMatchObject([{ url: '/api/a%20b?id=2', headers: ours }]);
      expect(made).toEqual([{ id: 2 }]);
    });

    it('are ours without params, and it is not called', async () => {
      await app.http.axiosRef.get('/a b');
      expect(api.seen).toMatchObject([{ url: '/api/a%20b', headers: ours }]);
      expect(made).toEqual([]);
    });
  });

  it.each([301, 302, 303, 307, 308])(
    'lose our headers on a %i to another origin',
    async (status) => {
      await app.http.axiosRef.get(`/${status}`, { params: { to: `${other.url}/there` } });
      expect(other.seen).toHaveLength(1);
      expect(other.seen[0]?.headers).not.toHaveProperty('authorization');
      expect(other.seen[0]?.headers).not.toHaveProperty('x-tenant');
    },
  );

  it.each([301, 302, 303, 307, 308])(
    'keep our headers on a %i within the origin',
    async (status) => {
      await app.http.axiosRef.get(`/${status}`, { params: { to: '/api/there' } });
      expect(api.seen.at(-1)).toMatchObject({ url: '/api/there', headers: ours });
    },
  );

  it("run the app's own beforeRedirect after ours", async () => {
    const seen: object[] = [];
    await app.http.axiosRef.get('/302', {
      params: { to: `${other.url}/there` },
      beforeRedirect: (options) => void seen.push({ ...options.headers }),
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty('X-Tenant');
  });

  it('send nothing of ours to another origin by the fetch adapter either', async () => {
    await app.http.axiosRef
      .get('/302', { adapter: 'fetch', params: { to: `${other.url}/there` } })
      .catch(() => {});
    for (const { headers } of other.seen) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('x-tenant');
    }
  });

  it('have our headers only if what is requested has the origin of the base and lies below its path', async () => {
    const host = fc.constantFrom(
      'api.example',
      'API.example',
      'api.example.',
      'evil.example',
      'api.example:8443',
      'u@api.example',
    );
    const piece = fc.constantFrom(
      '/',
      '//',
      '\\',
      '..',
      '.',
      'v1',
      'v10',
      '%2e',
      '%2F',
      '%5c',
      '?',
      '#',
      '@',
      ':',
      'x',
      ' ',
      '\t',
      '%252f',
    );
    const path = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    const absolute = fc
      .tuple(
        fc.constantFrom('https://', 'http://', '//', 'HTTPS:\\\\', 'https:/', 'ftp://', ''),
        host,
        path,
      )
      .map((parts) => parts.join(''));
    const prefix = fc.constantFrom('', '/v1', '/v1/', '/a/v1');
    const check = async (base: string, url: string, allowAbsoluteUrls: boolean | undefined) => {
      const baseURL = `https://api.example${base}`;
      let sent: { url: string; token: boolean } | undefined;
      await using account = await bootAccount({
        baseURL,
        clientId: 'i',
        clientSecret: 'secret-1',
        tenant: 'uni',
        startup: 'lazy',
      });
      account.tokens.getToken = async () => 'token_1';
      const { axiosRef } = account.http;
      const adapter = async (
        config: Parameters<typeof axiosRef.getUri>[0] & { headers: { has(name: string): boolean } },
      ) => {
        const token = config.headers.has('Authorization') || config.headers.has('X-Tenant');
        sent = { url: token ? axiosRef.getUri({ ...config, params: {} }) : '', token };
        return { data: '', status: 200, statusText: 'OK', headers: {}, config };
      };
      await axiosRef.get(url, {
        adapter: adapter as never,
        ...(allowAbsoluteUrls !== undefined && { allowAbsoluteUrls }),
      });
      if (!sent?.token) return;
      const requested = new URL(sent.url);
      expect(requested.origin).toBe('https://api.example');
      expect(requested.username).toBe('');
      expect(
        `${requested.pathname}/`.startsWith(`${new URL(baseURL).pathname.replace(/\/$/, '')}/`),
      ).toBe(true);
    };
    const flag = fc.constantFrom(true, false, undefined);
    await fc.assert(fc.asyncProperty(prefix, fc.oneof(path, absolute), flag, check), {
      numRuns: 300,
    });
  });
});
