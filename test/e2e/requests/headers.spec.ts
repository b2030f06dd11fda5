import axios from 'axios';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/app.js';
import { accountAt, apiRequests, refuse, rejectionOf } from '../../support/stub-account.js';
import { type StubDokStamp, json, stubDokStamp } from '../../support/stub-server.js';

let api: StubDokStamp;
let account: TestApp;

beforeAll(async () => {
  api = await stubDokStamp(({ url }, response) =>
    url === '/refused' ? refuse(response) : json(response, 200, { data: [] }),
  );
  account = await accountAt(api);
  await account.tokens.getToken();
});

beforeEach(() => {
  api.seen.length = 0;
});

afterAll(async () => {
  await account[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

/** The headers of one GET as the API received them. */
async function headersOf(config: object, url = '/certificates') {
  await account.http.axiosRef.get(url, config);
  return apiRequests(api).at(-1)?.headers;
}

describe('a request', () => {
  it('has Authorization, X-Tenant, Accept and a User-Agent that names the package', async () => {
    expect(await headersOf({})).toMatchObject({
      authorization: 'Bearer token_1',
      'x-tenant': 'my-university',
      accept: 'application/json',
      'user-agent': expect.stringMatching(/^nestjs-dokstamp\/\d/),
    });
  });

  it('keeps the Accept and User-Agent that it sets', async () => {
    const own = { accept: 'application/pdf', 'user-agent': 'mine/1' };
    expect(await headersOf({ headers: own })).toMatchObject(own);
  });

  it('keeps its own Authorization, with our tenant and Accept, and its 401 causes no renewal', async () => {
    const config = { headers: { Authorization: 'Bearer theirs' } };
    const error = await rejectionOf(account.http.axiosRef.get('/refused', config));
    expect(error).toMatchObject({ response: { status: 401 } });
    expect(api.seen).toHaveLength(1);
    expect(api.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer theirs',
      'x-tenant': 'my-university',
      accept: 'application/json',
    });
  });

  it('keeps the Basic authentication of config.auth', async () => {
    const headers = await headersOf({ auth: { username: 'a', password: 'b' } });
    expect(headers).toMatchObject({ authorization: `Basic ${btoa('a:b')}` });
  });

  it('has neither a token nor a tenant with skipAuth', async () => {
    const headers = await headersOf({ dokStamp: { skipAuth: true } });
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('x-tenant');
  });

  it('requests no token if it has its own authorization or skipAuth', async () => {
    await using lazy = await accountAt(api);
    const requests = api.tokenRequests;
    const { axiosRef } = lazy.http;
    await axiosRef.get('/x', { headers: { Authorization: 'Bearer theirs' } });
    await axiosRef.get('/x', { auth: { username: 'a', password: 'b' } });
    await axiosRef.get('/x', { dokStamp: { skipAuth: true } });
    expect(api.tokenRequests).toBe(requests);
  });

  it('takes neither auth nor params from the global axios', async () => {
    Object.assign(axios.defaults, { auth: { username: 'a', password: 'b' }, params: { key: 1 } });
    try {
      await using other = await accountAt(api);
      await other.tokens.getToken();
      await other.http.axiosRef.get('/x');
      expect(apiRequests(api)).toMatchObject([
        { url: '/x', headers: { authorization: expect.stringMatching(/^Bearer token_/) } },
      ]);
    } finally {
      delete axios.defaults.auth;
      delete axios.defaults.params;
    }
  });

  it('is not sent if no token is available', async () => {
    await using broken = await stubDokStamp();
    broken.tokenEndpoint = (_, response) => json(response, 400, {});
    await using failing = await accountAt(broken);
    const error = await rejectionOf(failing.http.axiosRef.get('/certificates'));
    expect(error).toMatchObject({ code: 'token_request_rejected' });
    expect(apiRequests(broken)).toEqual([]);
  });
});
