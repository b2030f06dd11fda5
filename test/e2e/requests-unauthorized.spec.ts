import type { AxiosAdapter, AxiosResponse } from 'axios';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DokStampOptions } from '../../lib/index.js';
import { bootAccount } from '../support/app.js';
import { MapTokenStore } from '../support/map-token-store.js';
import { rejectionOf, tokensSeen } from '../support/requests.js';
import { json, stubDokStamp } from '../support/stub-server.js';
import { pass, stopTime, until } from '../support/token-harness.js';

type Stub = Awaited<ReturnType<typeof stubDokStamp>>;

const account = (stub: Stub, more: DokStampOptions = {}) =>
  bootAccount({
    baseURL: stub.url,
    clientId: 'id',
    clientSecret: 'secret-1',
    startup: 'lazy',
    tenant: 'uni',
    ...more,
  });

const unauthenticated = { success: false, message: 'Unauthenticated.' };
const apiRequests = (stub: Stub) => stub.seen.filter(({ url }) => url !== '/oauth/token');

/** An API that takes only the tokens in `alive`. */
function apiThatTakes(alive: Set<string>) {
  return stubDokStamp(({ headers }, response) => {
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    return alive.has(token) ? json(response, 200, { token }) : json(response, 401, unauthenticated);
  });
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('a 401', () => {
  it('of 50 calls at once causes one token request and 50 replays', async () => {
    await using stub = await apiThatTakes(new Set(['token_2']));
    await using app = await account(stub);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => app.http.axiosRef.get('/x')),
    );
    expect(answers.every(({ data }) => data.token === 'token_2')).toBe(true);
    expect(stub.tokenRequests).toBe(2);
    expect(apiRequests(stub)).toHaveLength(100);
  });

  it('to a token of another process too is cured by a new one', async () => {
    const alive = new Set<string>();
    await using api = await apiThatTakes(alive);
    const tokenStore = new MapTokenStore();
    await using one = await account(api, { tokenStore });
    await using other = await account(api, { tokenStore });
    expect(await one.tokens.getToken()).toBe(await other.tokens.getToken());
    await one.tokens.renew();
    alive.add('token_3');
    const { axiosRef } = other.http;
    const calls = await Promise.all(['/a', '/b', '/c'].map((url) => axiosRef.get(url)));
    expect(calls.map(({ data }) => data)).toEqual(calls.map(() => ({ token: 'token_3' })));
    expect(api.tokenRequests).toBe(3);
  });

  it('to a token of another process and to a new one is final', async () => {
    await using api = await apiThatTakes(new Set());
    const tokenStore = new MapTokenStore();
    await using one = await account(api, { tokenStore });
    await using other = await account(api, { tokenStore });
    await one.tokens.getToken();
    await other.tokens.getToken();
    await one.tokens.renew();
    expect(await rejectionOf(other.http.axiosRef.get('/x'))).toMatchObject({
      status: 401,
      cause: { code: 'token_not_accepted' },
    });
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2', 'token_3']);
  });

  it('whose replay is cut off says nothing of the next revocation', async () => {
    const alive = new Set(['token_1']);
    let cutsOff = false;
    await using api = await stubDokStamp(({ headers }, response) => {
      if (!alive.has(headers.authorization?.replace('Bearer ', '') ?? ''))
        return json(response, 401, unauthenticated);
      if (cutsOff) return void response.destroy();
      return json(response, 200, {});
    });
    await using one = await account(api);
    const { axiosRef } = one.http;
    await axiosRef.get('/x');
    alive.clear();
    alive.add('token_2');
    cutsOff = true;
    expect(await rejectionOf(axiosRef.get('/x'))).toMatchObject({ code: 'ECONNRESET' });
    alive.clear();
    alive.add('token_3');
    cutsOff = false;
    expect((await axiosRef.get('/x')).status).toBe(200);
  });

  it('that stands in for an answer in a test, without headers, is renewed and replayed', async () => {
    await using api = await apiThatTakes(new Set());
    await using one = await account(api);
    const answers = [401, 200];
    const adapter: AxiosAdapter = async (config) =>
      ({ status: answers.shift(), statusText: '', data: {}, config }) as AxiosResponse;
    expect(await one.http.axiosRef.get('/x', { adapter })).toMatchObject({ status: 200 });
    expect(api.tokenRequests).toBe(2);
  });

  it('that comes late, for an older token, is replayed with the present one and causes no token request', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await using stub = await stubDokStamp(async ({ url, headers }, response) => {
      if (headers.authorization === 'Bearer token_2') return json(response, 200, {});
      if (url === '/late') await held;
      return json(response, 401, unauthenticated);
    });
    await using app = await account(stub);
    const late = app.http.axiosRef.get('/late');
    await until(() => apiRequests(stub).length === 1);
    await app.http.axiosRef.get('/x');
    release();
    expect((await late).status).toBe(200);
    expect(stub.tokenRequests).toBe(2);
  });

  it('of an API that always answers so costs two requests per call at the start, then one, and a handful of tokens', async () => {
    await using stub = await apiThatTakes(new Set());
    await using app = await account(stub);
    const call = () => app.http.axiosRef.get('/x').catch((error: unknown) => error);
    expect(await call()).toMatchObject({
      isAxiosError: true,
      response: { status: 401, data: unauthenticated },
    });
    expect(apiRequests(stub)).toHaveLength(2);
    for (let nth = 0; nth < 999; nth++) await call();
    expect(stub.tokenRequests).toBeLessThanOrEqual(5);
    expect(apiRequests(stub).length).toBeLessThanOrEqual(1_000 + 5);
  });

  it('that a renewal does not cure holds renewals back for 1 s, doubling to 5 s, until a replay helps', async () => {
    stopTime();
    const alive = new Set<string>();
    await using stub = await apiThatTakes(alive);
    await using app = await account(stub);
    const call = () =>
      app.http.axiosRef.get('/x').catch((error: { response: object }) => error.response);
    await call();
    for (const [nth, hold] of [1_000, 2_000, 4_000, 5_000, 5_000].entries()) {
      expect(stub.tokenRequests).toBe(nth + 2);
      await pass(hold - 1);
      await call();
      expect(stub.tokenRequests).toBe(nth + 2);
      await pass(1);
      await call();
    }
    await pass(5_000);
    alive.add(`token_${stub.tokenRequests + 1}`);
    expect(await call()).toMatchObject({ status: 200 });
    alive.clear();
    const before = stub.tokenRequests;
    alive.add(`token_${before + 1}`);
    expect(await call()).toMatchObject({ status: 200 });
    expect(stub.tokenRequests).toBe(before + 1);
  });

  it('that may not be about the token does not throw a good one away when no new one can be had', async () => {
    stopTime();
    await using stub = await stubDokStamp(({ headers }, response) => {
      return headers['x-tenant'] === 'wrong'
        ? json(response, 401, unauthenticated)
        : json(response, 200, {});
    });
    await using app = await account(stub);
    const wrong = () =>
      app.http.axiosRef
        .get('/x', { dokStamp: { tenant: 'wrong' } })
        .catch((error: unknown) => error);
    await wrong();
    vi.spyOn(app.tokens, 'renew').mockRejectedValue(new Error('outage'));
    await pass(1_000);
    await wrong();
    expect((await app.http.axiosRef.get('/x')).status).toBe(200);
    expect(stub.tokenRequests).toBe(2);
  });

  it.each([
    [
      'with insufficient_scope',
      401,
      { 'www-authenticate': 'Bearer realm="api", error="insufficient_scope"' },
    ],
    ['that is a 403', 403, {}],
  ])('%s is final at once', async (_, status, headers) => {
    await using stub = await stubDokStamp((__, response) => json(response, status, {}, headers));
    await using app = await account(stub);
    await expect(app.http.axiosRef.get('/x')).rejects.toMatchObject({ response: { status } });
    expect(stub.seen).toHaveLength(2);
    expect(app.tokens.status.state).toBe('valid');
  });

  it.each([
    ['dokStamp.replay', {}, { dokStamp: { replay: false } }],
    ['replayOnUnauthorized', { replayOnUnauthorized: false }, {}],
  ])(
    'is not replayed when %s is false, but the next call has a new token',
    async (_, options, config) => {
      await using stub = await apiThatTakes(new Set(['token_2']));
      await using app = await account(stub, options);
      await expect(app.http.axiosRef.get('/x', config)).rejects.toMatchObject({
        response: { status: 401 },
      });
      expect(apiRequests(stub)).toHaveLength(1);
      expect((await app.http.axiosRef.get('/x', config)).status).toBe(200);
      expect(stub.tokenRequests).toBe(2);
    },
  );

  it('is replayed when dokStamp.replay is true, whatever replayOnUnauthorized says', async () => {
    await using stub = await apiThatTakes(new Set(['token_2']));
    await using app = await account(stub, { replayOnUnauthorized: false });
    expect((await app.http.axiosRef.get('/x', { dokStamp: { replay: true } })).status).toBe(200);
  });

  it('after which no token can be had rejects with the DokStampError, its cause the 401', async () => {
    await using stub = await stubDokStamp(({ url }, response) =>
      url === '/x' ? json(response, 401, unauthenticated) : json(response, 200, {}),
    );
    let pair = { clientId: 'id', clientSecret: 'secret-1' };
    await using app = await account(stub, {
      clientId: undefined,
      clientSecret: undefined,
      credentials: () => pair,
    });
    await app.tokens.getToken();
    pair = { clientId: '', clientSecret: '' };
    for (const validateStatus of [undefined, () => true]) {
      await app.tokens.renew().catch(() => {});
      const config = validateStatus ? { validateStatus } : {};
      const error: unknown = await app.http.axiosRef
        .get('/x', config)
        .catch((failure: unknown) => failure);
      expect(error).toMatchObject({
        code: 'credentials_unavailable',
        cause: { isAxiosError: true, response: { status: 401, data: unauthenticated } },
      });
      pair = { clientId: 'id', clientSecret: 'secret-1' };
      await new Promise((resolve) =>
        setTimeout(resolve, Number(app.tokens.status.blockedUntil ?? 0) - Date.now()),
      );
      await app.tokens.getToken();
      pair = { clientId: '', clientSecret: '' };
    }
  });

  it('that validateStatus lets through is renewed and replayed all the same, and the last answer resolves', async () => {
    await using stub = await apiThatTakes(new Set(['token_2']));
    await using app = await account(stub);
    const config = { validateStatus: () => true };
    expect((await app.http.axiosRef.get('/x', config)).status).toBe(200);
    await using never = await apiThatTakes(new Set());
    await using other = await account(never);
    expect(await other.http.axiosRef.get('/x', config)).toMatchObject({
      status: 401,
      data: unauthenticated,
    });
    expect(apiRequests(never)).toHaveLength(2);
  });

  it('is not replayed when the caller has gone in the meantime', async () => {
    await using stub = await apiThatTakes(new Set(['token_2']));
    await using app = await account(stub);
    const mine = new AbortController();
    const renew = app.tokens.renew.bind(app.tokens);
    vi.spyOn(app.tokens, 'renew').mockImplementation(async () => {
      const token = await renew();
      mine.abort();
      return token;
    });
    const call = app.http.axiosRef.get('/x', { signal: mine.signal });
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    expect(apiRequests(stub)).toHaveLength(1);
    expect(stub.tokenRequests).toBe(2);
  });
});
