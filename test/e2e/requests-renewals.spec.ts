import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import axios from 'axios';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  accountAt,
  acceptingFrom,
  apiRequests,
  refuse,
  rejectionOf,
  tokensSeen,
} from '../support/requests.js';
import { json, stubDokStamp } from '../support/stub-server.js';
import { pass, stopTime, until } from '../support/token-harness.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('a 401 that is not replayed', () => {
  it.each([
    ['replay is false', () => ({ dokStamp: { replay: false } })],
    ['the body is a stream', () => ({ method: 'post', data: Readable.from(['%PDF']) })],
  ])('because %s causes no more than a handful of token requests either', async (_, config) => {
    stopTime();
    await using api = await stubDokStamp((__, response) => refuse(response));
    await using account = await accountAt(api);
    for (let call = 0; call < 50; call++) {
      const error = await rejectionOf(account.http.axiosRef.request({ url: '/x', ...config() }));
      expect(error).toMatchObject({ response: { status: 401 } });
      await account.tokens.getToken();
    }
    expect(apiRequests(api)).toHaveLength(50);
    expect(api.tokenRequests).toBeLessThanOrEqual(3);
    await pass(1_000);
    await rejectionOf(account.http.axiosRef.request({ url: '/x', ...config() }));
    await account.tokens.getToken();
    expect(api.tokenRequests).toBeLessThanOrEqual(4);
  });

  it('lets the next revocation be mended, once it is not taken for a renewal that did not help', async () => {
    stopTime();
    let first = 1;
    await using api = await stubDokStamp((request, response) =>
      acceptingFrom(first)(request, response),
    );
    await using account = await accountAt(api, { replayOnUnauthorized: false });
    const { axiosRef } = account.http;
    for (first = 2; first < 6; first++) {
      await rejectionOf(axiosRef.get('/x'));
      await until(() => api.tokenRequests === first);
      await axiosRef.get('/x');
      await pass(5_001);
    }
    expect(api.tokenRequests).toBe(5);
  });
});

describe('an endpoint that is always refused', () => {
  it('beside others that are not causes a renewal only now and then, and never theirs to fail', async () => {
    stopTime();
    await using api = await stubDokStamp(({ url }, response) =>
      url === '/refused' ? refuse(response) : json(response, 200, {}),
    );
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    for (let second = 0; second < 30; second++) {
      await rejectionOf(axiosRef.get('/refused'));
      await axiosRef.get('/x');
      await pass(1_000);
    }
    expect(api.tokenRequests).toBeLessThanOrEqual(10);
  });
});

describe('another service in the place of TokenService', () => {
  it('is asked for each request, and its token is renewed by it', async () => {
    await using api = await stubDokStamp((request, response) =>
      request.headers.authorization === 'Bearer of-the-test'
        ? json(response, 200, {})
        : refuse(response),
    );
    await using account = await accountAt(api);
    let token = 'first-of-the-test';
    account.tokens.getToken = async () => token;
    account.tokens.renew = async () => (token = 'of-the-test');
    await account.http.axiosRef.get('/x');
    await account.http.axiosRef.get('/x');
    expect(tokensSeen(api)).toEqual(['first-of-the-test', 'of-the-test', 'of-the-test']);
    expect(api.tokenRequests).toBe(0);
  });

  it('is not asked to renew in a storm', async () => {
    await using api = await stubDokStamp((_, response) => refuse(response));
    await using account = await accountAt(api);
    let renewals = 0;
    account.tokens.getToken = async () => `token-${renewals}`;
    account.tokens.renew = async () => `token-${++renewals}`;
    for (let call = 0; call < 20; call++) await rejectionOf(account.http.axiosRef.get('/x'));
    expect(renewals).toBeLessThanOrEqual(3);
  });
});

describe('a body that dokStamp.body makes', () => {
  const bodyApi = () => stubDokStamp(acceptingFrom(2));

  it('is sent again with all the headers of the first time', async () => {
    await using api = await bodyApi();
    await using account = await accountAt(api);
    const body = () => Readable.from(['%PDF']);
    await account.http.axiosRef.post('/files', undefined, {
      headers: { 'Idempotency-Key': 'k' },
      dokStamp: { body },
    });
    const [first, second] = apiRequests(api).map(({ headers }) => ({
      ...headers,
      authorization: '',
    }));
    expect(second).toEqual(first);
    expect(second).toMatchObject({ 'x-tenant': 'my-university', 'idempotency-key': 'k' });
  });

  it('leaves no stream of the first time open, which was refused before it was read', async () => {
    const server = createServer((request, response) => {
      const isToken = request.url === '/oauth/token';
      const isRefused = request.headers.authorization === 'Bearer token_1';
      if (!isToken && isRefused) return refuse(response, { connection: 'close' });
      const access_token = `token_${++tokens}`;
      const answer = () => json(response, 200, { token_type: 'bearer', access_token });
      return request.resume().on('end', answer);
    }).listen(0, '127.0.0.1');
    let tokens = 0;
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using account = await accountAt({ url: `http://127.0.0.1:${port}` });
    const made: Readable[] = [];
    const body = () => {
      made.push(Readable.from(Array(200).fill(Buffer.alloc(100_000))));
      return made.at(-1);
    };
    const config = { maxRedirects: 0, dokStamp: { body } };
    await account.http.axiosRef.post('/files', undefined, config);
    expect(made.map(({ destroyed }) => destroyed)).toEqual([true, true]);
    server.closeAllConnections();
    server.close();
  });

  it('has its own length each time', async () => {
    await using api = await bodyApi();
    await using account = await accountAt(api);
    let nth = 0;
    const body = () => 'x'.repeat(10 * ++nth);
    await account.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    expect(apiRequests(api).map((request) => request.body.length)).toEqual([10, 20]);
  });

  it('is not made while there is no token', async () => {
    await using api = await bodyApi();
    await using account = await accountAt(api, {
      credentials: () => ({ clientId: '', clientSecret: '' }),
    });
    const body = vi.fn(() => 'x');
    await rejectionOf(account.http.axiosRef.post('/x', undefined, { dokStamp: { body } }));
    expect(body).not.toHaveBeenCalled();
  });

  it('that fails to be made fails the call', async () => {
    await using api = await bodyApi();
    await using account = await accountAt(api);
    const failure = new Error('no such file');
    const body = () => {
      throw failure;
    };
    expect(
      await rejectionOf(account.http.axiosRef.post('/x', undefined, { dokStamp: { body } })),
    ).toBe(failure);
    expect(apiRequests(api)).toEqual([]);
  });
});

describe("the host's global axios", () => {
  it('gives our requests no Authorization or params of its own', async () => {
    await using api = await stubDokStamp();
    Object.assign(axios.defaults, { auth: { username: 'a', password: 'b' }, params: { key: 1 } });
    try {
      await using account = await accountAt(api);
      await account.http.axiosRef.get('/x');
      expect(apiRequests(api)[0]).toMatchObject({ url: '/x' });
      expect(tokensSeen(api)).toEqual(['token_1']);
    } finally {
      delete axios.defaults.auth;
      delete axios.defaults.params;
    }
  });
});

describe('a blank X-Tenant of the request', () => {
  it('rejects with tenant_missing, and is not sent where no tenant is needed', async () => {
    await using api = await stubDokStamp();
    await using account = await accountAt(api);
    const headers = { 'X-Tenant': ' ' };
    const error = await rejectionOf(account.http.axiosRef.get('/x', { headers }));
    expect(error).toMatchObject({ code: 'tenant_missing' });
    await account.http.axiosRef.get('/auth/me', { headers });
    expect(apiRequests(api).map(({ headers: sent }) => sent['x-tenant'])).toEqual([undefined]);
  });
});
