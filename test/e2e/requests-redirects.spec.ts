import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.js';
import { accountAt, apiRequests, refuse, rejectionOf, tokensSeen } from '../support/requests.js';
import {
  type SeenRequest,
  type StubServer,
  json,
  stubDokStamp,
  stubServer,
} from '../support/stub-server.js';

let other: StubServer;
let api: Awaited<ReturnType<typeof stubDokStamp>>;
let account: TestApp;

// `/go?status=307&to=…` redirects; so does the other server, and `/refused` answers 401.
const answer: Parameters<typeof stubServer>[0] = ({ url }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://any');
  if (pathname === '/refused') return refuse(response);
  if (pathname !== '/go') return json(response, 200, { at: url });
  response.writeHead(Number(searchParams.get('status')), {
    location: searchParams.get('to') ?? '',
  });
  return response.end();
};

beforeEach(async () => {
  other = await stubServer(answer);
  api = await stubDokStamp(answer);
  account = await accountAt(api);
});

afterEach(async () => {
  await account[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const go = (to: string, status = 302) =>
  `/go?${new URLSearchParams({ status: String(status), to }).toString()}`;

const ours = { authorization: 'Bearer token_1', 'x-tenant': 'my-university' };

function expectNothingOfOurs({ headers }: SeenRequest): void {
  expect(headers).not.toHaveProperty('authorization');
  expect(headers).not.toHaveProperty('x-tenant');
}

const statuses = [301, 302, 303, 307, 308];

describe.each(['http', 'fetch'])('a redirect by the %s adapter', (adapter) => {
  it.each(statuses)('to another origin drops Authorization and X-Tenant: %i', async (status) => {
    await account.http.axiosRef.get(go(`${other.url}/there`, status), { adapter });
    expect(other.seen).toHaveLength(1);
    other.seen.forEach(expectNothingOfOurs);
  });

  it.each(statuses)('within the origin keeps them: %i', async (status) => {
    const { data } = await account.http.axiosRef.get(go('/there', status), { adapter });
    expect(data).toEqual({ at: '/there' });
    expect(apiRequests(api).at(-1)).toMatchObject({ url: '/there', headers: ours });
  });

  it('out and back does not bring them back, and its 401 says nothing of our token', async () => {
    const url = go(`${other.url}${go(`${api.url}/refused`)}`);
    const error = await rejectionOf(account.http.axiosRef.get(url, { adapter }));
    expect(error).toMatchObject({ response: { status: 401 } });
    expect(tokensSeen(api)).toEqual(['token_1', undefined]);
    other.seen.forEach(expectNothingOfOurs);
    expect(api.tokenRequests).toBe(1);
  });

  it('to another origin that answers 401 causes no renewal', async () => {
    const url = go(`${other.url}/refused`);
    const error = await rejectionOf(account.http.axiosRef.get(url, { adapter }));
    expect(error).toMatchObject({ response: { status: 401 } });
    expect(api.tokenRequests).toBe(1);
    expect(account.tokens.status.state).toBe('valid');
  });

  it.each([
    [
      'Authorization and X-Tenant',
      { headers: { authorization: 'Bearer mine', 'x-tenant': 'mine' } },
    ],
    ['config.auth', { auth: { username: 'a', password: 'b' } }],
    ['Cookie', { headers: { cookie: 'a=b' } }],
  ])("to another origin drops a request's own %s as well", async (_, config) => {
    await account.http.axiosRef.get(go(`${other.url}/there`), { adapter, ...config });
    expect(other.seen).toHaveLength(1);
    other.seen.forEach(expectNothingOfOurs);
    expect(other.seen[0]?.headers).not.toHaveProperty('cookie');
  });

  it('sends the body again where the status says so', async () => {
    const { axiosRef } = account.http;
    await axiosRef.post(go('/there', 307), { a: 1 }, { adapter });
    expect(apiRequests(api).at(-1)).toMatchObject({ method: 'POST', url: '/there' });
    expect(apiRequests(api).at(-1)?.body.toString()).toBe('{"a":1}');
    await axiosRef.post(go('/there', 303), { a: 1 }, { adapter });
    expect(apiRequests(api).at(-1)).toMatchObject({ method: 'GET', url: '/there' });
    expect(apiRequests(api).at(-1)?.headers).not.toHaveProperty('content-type');
    expect(apiRequests(api).at(-1)?.body).toHaveLength(0);
  });

  it('is not followed with maxRedirects 0', async () => {
    const config = { adapter, maxRedirects: 0, validateStatus: () => true };
    const { status } = await account.http.axiosRef.get(go('/there'), config);
    expect(status).toBe(302);
    expect(apiRequests(api)).toHaveLength(1);
  });

  it('without end is given up', async () => {
    const loop: Parameters<typeof stubServer>[0] = ({ url }, response) => {
      response.writeHead(302, { location: url });
      response.end();
    };
    await using endless = await stubDokStamp(loop);
    await using lost = await accountAt(endless);
    const error = await rejectionOf(lost.http.axiosRef.get('/loop', { adapter }));
    expect(error).toMatchObject({ code: 'ERR_FR_TOO_MANY_REDIRECTS', config: { url: '/loop' } });
    expect(apiRequests(endless).length).toBeLessThan(30);
  });
});

describe('the fetch adapter', () => {
  it('tells the request that was made, not the one that the redirect made of it', async () => {
    const response = await account.http.axiosRef.get(go('/there'), { adapter: 'fetch' });
    expect(response.config).toMatchObject({ url: go('/there'), baseURL: api.url });
    const error = await rejectionOf(
      account.http.axiosRef.get(go(`${other.url}/refused`), { adapter: 'fetch' }),
    );
    expect(error).toMatchObject({ config: { url: go(`${other.url}/refused`), baseURL: api.url } });
  });

  it('rejects, rather than send an empty body, where a stream would have to be sent again', async () => {
    const body = new Blob(['%PDF']).stream();
    const error = await rejectionOf(
      account.http.axiosRef.post(go('/there', 307), body, { adapter: 'fetch' }),
    );
    expect(error).toMatchObject({ code: 'body_not_replayable' });
    expect(apiRequests(api)).toHaveLength(1);
  });

  it("keeps the app's own choice not to follow", async () => {
    const fetchOptions = { redirect: 'manual' as const };
    const config = { adapter: 'fetch', fetchOptions, validateStatus: () => true };
    expect((await account.http.axiosRef.get(go('/there'), config)).status).toBe(302);
    expect(apiRequests(api)).toHaveLength(1);
  });

  it("uses the app's own fetch", async () => {
    let calls = 0;
    const own: typeof fetch = (...args) => {
      calls++;
      return fetch(...args);
    };
    await using mine = await accountAt(api, { http: { adapter: 'fetch', env: { fetch: own } } });
    await mine.http.axiosRef.get(go('/there'));
    expect(calls).toBe(2);
    expect(apiRequests(api).at(-1)).toMatchObject({ url: '/there' });
  });

  it('replays a 401 with the renewed token', async () => {
    await account.tokens.getToken();
    await using strict = await stubDokStamp(({ headers }, response) =>
      headers.authorization === 'Bearer token_1' ? refuse(response) : json(response, 200, {}),
    );
    await using renewed = await accountAt(strict, { http: { adapter: 'fetch' } });
    await renewed.http.axiosRef.post('/x', { a: 1 }, { responseType: 'stream' });
    expect(tokensSeen(strict)).toEqual(['token_1', 'token_2']);
  });
});
