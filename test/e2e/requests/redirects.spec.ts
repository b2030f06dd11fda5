import axios from 'axios';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/app.js';
import {
  acceptingFrom,
  accountAt,
  apiRequests,
  refuse,
  rejectionOf,
  tokensSeen,
} from '../../support/stub-account.js';
import {
  type Answer,
  type SeenRequest,
  type StubDokStamp,
  type StubServer,
  json,
  stubDokStamp,
  stubServer,
} from '../../support/stub-server.js';

let other: StubServer;
let api: StubDokStamp;
let account: TestApp;

/** `/go?status=307&to=…` redirects, `/loop` redirects to itself, `/refused` answers 401. */
const answer: Answer = ({ url }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://any');
  if (pathname === '/refused') return refuse(response);
  if (pathname === '/loop') return response.writeHead(302, { location: url }).end();
  if (pathname !== '/go') return json(response, 200, { at: url });
  const location = searchParams.get('to') ?? '';
  return response.writeHead(Number(searchParams.get('status')), { location }).end();
};

beforeAll(async () => {
  other = await stubServer(answer);
  api = await stubDokStamp(answer);
  account = await accountAt(api);
  await account.tokens.getToken();
});

beforeEach(() => {
  api.seen.length = 0;
  other.seen.length = 0;
});

afterAll(async () => {
  await account[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const go = (to: string, status = 302) =>
  `/go?${new URLSearchParams({ status: String(status), to }).toString()}`;

const OURS = { authorization: 'Bearer token_1', 'x-tenant': 'my-university' };
const STATUSES = [301, 302, 303, 307, 308];

function expectNothingOfOurs({ headers }: SeenRequest): void {
  expect(headers).not.toHaveProperty('authorization');
  expect(headers).not.toHaveProperty('x-tenant');
}

describe('a redirect', () => {
  it.each(STATUSES)('to another origin drops Authorization and X-Tenant: %i', async (status) => {
    await account.http.axiosRef.get(go(`${other.url}/there`, status));
    expect(other.seen).toHaveLength(1);
    other.seen.forEach(expectNothingOfOurs);
  });

  it.each(STATUSES)('within the origin keeps them: %i', async (status) => {
    const { data } = await account.http.axiosRef.get(go('/there', status));
    expect(data).toEqual({ at: '/there' });
    expect(apiRequests(api).at(-1)).toMatchObject({ url: '/there', headers: OURS });
  });

  it('to another origin and back does not restore them, and its 401 causes no renewal', async () => {
    const url = go(`${other.url}${go(`${api.url}/refused`)}`);
    const error = await rejectionOf(account.http.axiosRef.get(url));
    expect(error).toMatchObject({ response: { status: 401 } });
    expect(tokensSeen(api)).toEqual(['token_1', undefined]);
    other.seen.forEach(expectNothingOfOurs);
    expect(api.seen).toHaveLength(2);
  });

  it('to another origin that answers 401 causes no renewal', async () => {
    const error = await rejectionOf(account.http.axiosRef.get(go(`${other.url}/refused`)));
    expect(error).toMatchObject({ response: { status: 401 } });
    expect(api.seen).toHaveLength(1);
    expect(account.tokens.status.state).toBe('valid');
  });

  it.each([
    [
      'Authorization and X-Tenant',
      { headers: { authorization: 'Bearer mine', 'x-tenant': 'mine' } },
    ],
    ['config.auth', { auth: { username: 'a', password: 'b' } }],
    ['Cookie', { headers: { cookie: 'a=b' } }],
  ])("to another origin also drops the request's own %s", async (_, config) => {
    await account.http.axiosRef.get(go(`${other.url}/there`), config);
    expect(other.seen).toHaveLength(1);
    other.seen.forEach(expectNothingOfOurs);
    expect(other.seen[0]?.headers).not.toHaveProperty('cookie');
  });

  it("calls the app's own beforeRedirect without our headers", async () => {
    const seen: object[] = [];
    await account.http.axiosRef.get(go(`${other.url}/there`), {
      beforeRedirect: (options) => void seen.push({ ...options.headers }),
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty('X-Tenant');
  });

  it('sends the body again if the status says so', async () => {
    const { axiosRef } = account.http;
    await axiosRef.post(go('/there', 307), { a: 1 });
    expect(apiRequests(api).at(-1)).toMatchObject({ method: 'POST', url: '/there' });
    expect(apiRequests(api).at(-1)?.body.toString()).toBe('{"a":1}');
    await axiosRef.post(go('/there', 303), { a: 1 });
    expect(apiRequests(api).at(-1)).toMatchObject({ method: 'GET', url: '/there' });
    expect(apiRequests(api).at(-1)?.headers).not.toHaveProperty('content-type');
    expect(apiRequests(api).at(-1)?.body).toHaveLength(0);
  });

  it('is not followed with maxRedirects 0', async () => {
    const config = { maxRedirects: 0, validateStatus: () => true };
    const { status } = await account.http.axiosRef.get(go('/there'), config);
    expect(status).toBe(302);
    expect(apiRequests(api)).toHaveLength(1);
  });

  it('that never ends fails after the redirects that maxRedirects allows', async () => {
    const error = await rejectionOf(account.http.axiosRef.get('/loop', { maxRedirects: 3 }));
    expect(error).toMatchObject({ code: 'ERR_FR_TOO_MANY_REDIRECTS', config: { url: '/loop' } });
    expect(apiRequests(api)).toHaveLength(4);
  });
});

describe('over the fetch adapter, a redirect', () => {
  const adapter = 'fetch';

  it.each(STATUSES)('is not followed, and reaches the caller: %i', async (status) => {
    for (const to of ['/there', `${other.url}/there`]) {
      const call = account.http.axiosRef.post(go(to, status), { a: 1 }, { adapter });
      const error = await rejectionOf(call);
      expect(error).toMatchObject({ isAxiosError: true, response: { status } });
      expect(error).toHaveProperty('response.headers.location', to);
    }
    expect(apiRequests(api).map(({ url }) => url)).not.toContain('/there');
    expect(other.seen).toEqual([]);
  });

  it('resolves if validateStatus accepts it', async () => {
    const config = { adapter, validateStatus: () => true };
    const { status, headers } = await account.http.axiosRef.get(go('/there'), config);
    expect({ status, to: headers.location }).toEqual({ status: 302, to: '/there' });
    expect(apiRequests(api)).toHaveLength(1);
  });

  it.each(['follow', 'manual', undefined] as const)(
    'is not followed if the app says %j, whose options stay as they are',
    async (redirect) => {
      const fetchOptions = { redirect, referrer: 'about:client' };
      const seen: RequestInit[] = [];
      const own: typeof fetch = (request, options) => {
        seen.push(options ?? {});
        return fetch(request, options);
      };
      const http = { adapter, fetchOptions, env: { fetch: own } };
      await using mine = await accountAt(api, { http });
      const error = await rejectionOf(mine.http.axiosRef.get(go(`${other.url}/there`)));
      expect(error).toMatchObject({ response: { status: 302 } });
      // The token request goes the same way.
      const sent = { redirect: 'manual', referrer: 'about:client' };
      expect(seen).toMatchObject([sent, sent]);
      expect(fetchOptions).toEqual({ redirect, referrer: 'about:client' });
      expect(other.seen).toEqual([]);
    },
  );

  it("is an error if the app says 'error'", async () => {
    const fetchOptions = { redirect: 'error' as const };
    const call = account.http.axiosRef.get(go('/there'), { adapter, fetchOptions });
    expect(await rejectionOf(call)).toMatchObject({ code: 'ERR_NETWORK' });
    expect(apiRequests(api)).toHaveLength(1);
  });

  it("is not followed by an adapter of the app's own that sends by fetch", async () => {
    const byFetch = axios.getAdapter('fetch');
    const own: typeof byFetch = (config) => byFetch(config);
    const call = account.http.axiosRef.get(go(`${other.url}/there`), { adapter: own });
    expect(await rejectionOf(call)).toMatchObject({ response: { status: 302 } });
    expect(other.seen).toEqual([]);
  });

  it('is followed if the request is not ours', async () => {
    const { data } = await account.http.axiosRef.get(`${other.url}${go('/there')}`, { adapter });
    expect(data).toEqual({ at: '/there' });
    expect(other.seen).toHaveLength(2);
    other.seen.forEach(expectNothingOfOurs);
  });
});

describe('the fetch adapter', () => {
  it('sends a request again with the renewed token after a 401', async () => {
    await using strict = await stubDokStamp(acceptingFrom(2));
    await using renewed = await accountAt(strict, { http: { adapter: 'fetch' } });
    await renewed.http.axiosRef.post('/x', { a: 1 }, { responseType: 'stream' });
    expect(tokensSeen(strict)).toEqual(['token_1', 'token_2']);
  });
});
