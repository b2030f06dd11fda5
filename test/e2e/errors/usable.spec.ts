import { once } from 'node:events';
import { Agent } from 'node:http';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type AxiosError, isAxiosError, isCancel } from 'axios';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/app.js';
import {
  UNAUTHENTICATED,
  accountAt,
  apiRequests,
  refuse,
  rejectionOf,
  tokensSeen,
} from '../../support/stub-account.js';
import { type StubDokStamp, json, stubDokStamp } from '../../support/stub-server.js';

let api: StubDokStamp;
let account: TestApp;

/** How many calls fail until the next one succeeds. */
let fails: number;

beforeAll(async () => {
  api = await stubDokStamp(({ url, headers }, response) => {
    if (url === '/hang-up') return response.destroy();
    if (url === '/refused') return refuse(response);
    if (fails-- <= 0) return json(response, 200, {});
    const body = { message: 'No.', sent: headers.authorization };
    return json(response, 422, body, { 'x-request-id': '7' });
  });
  account = await accountAt(api);
  await account.tokens.getToken();
});

beforeEach(() => {
  fails = Infinity;
  api.seen.length = 0;
});

afterAll(async () => {
  await account[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

const failureOf = (call: Promise<unknown>) => rejectionOf<AxiosError>(call);

describe("an API call's AxiosError", () => {
  it.each(['http', 'fetch'])('stays one, by the %s adapter', async (adapter) => {
    const config = { adapter, params: { b: 2 } };
    const error = await failureOf(account.http.axiosRef.post('/x', { a: 1 }, config));
    expect(isAxiosError(error)).toBe(true);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'AxiosError',
      code: 'ERR_BAD_REQUEST',
      status: 422,
      message: 'Request failed with status code 422',
      config: { url: '/x', method: 'post', params: { b: 2 }, baseURL: api.url, data: '{"a":1}' },
      response: { status: 422, data: { message: 'No.', sent: 'Bearer [masked]' } },
    });
    expect(error.response?.headers).toMatchObject({ 'x-request-id': '7' });
    expect(error.response?.config).toBe(error.config);
    expect(error.request).toBeTruthy();
  });

  it.each(['http', 'fetch'])('has a stack that leads to the caller, by %s', async (adapter) => {
    const error = await failureOf(account.http.axiosRef.get('/x', { adapter }));
    expect(error.stack).toContain(basename(import.meta.filename));
  });

  it('of a network failure has its code, a request and a cause', async () => {
    const error = await failureOf(account.http.axiosRef.get('/hang-up'));
    expect(error).toMatchObject({ code: 'ECONNRESET', cause: { code: 'ECONNRESET' } });
    expect(error.request).toBeTruthy();
    expect(error.response).toBeUndefined();
  });

  it('of a cancelled call is a cancellation', async () => {
    const signal = AbortSignal.abort();
    const error = await failureOf(account.http.axiosRef.get('/x', { signal }));
    expect(isCancel(error)).toBe(true);
  });

  it('of a call that is refused twice is the last 401, with its body', async () => {
    const error = await failureOf(account.http.axiosRef.get('/refused'));
    expect(error).toMatchObject({
      isAxiosError: true,
      response: { status: 401, data: UNAUTHENTICATED },
      cause: { code: 'token_not_accepted' },
    });
  });

  it('has a streamed answer that can be read', async () => {
    const error = await failureOf(account.http.axiosRef.get('/x', { responseType: 'stream' }));
    expect(await text(error.response?.data as Readable)).toContain('No.');
  });

  it('has its code and status in JSON', async () => {
    const error = await failureOf(account.http.axiosRef.get('/x'));
    const logged: unknown = JSON.parse(JSON.stringify(error));
    expect(logged).toMatchObject({ code: 'ERR_BAD_REQUEST', status: 422 });
  });
});

describe('the config of an error', () => {
  it('can be sent again, with the current token', async () => {
    fails = 1;
    const config = { headers: { 'Idempotency-Key': 'k' } };
    const error = await failureOf(account.http.axiosRef.post('/x', { a: 1 }, config));
    const [first = ''] = tokensSeen(api);
    account.tokens.invalidate(first);
    await account.http.axiosRef.request(error.config ?? {});
    expect(tokensSeen(api)).toEqual([first, await account.tokens.getToken()]);
    expect(tokensSeen(api)[1]).not.toBe(first);
    for (const { headers } of apiRequests(api)) {
      expect(headers).toMatchObject({ 'idempotency-key': 'k', 'x-tenant': 'my-university' });
    }
  });

  it("keeps the caller's own Authorization", async () => {
    const headers = { Authorization: 'Bearer theirs' };
    const { config } = await failureOf(account.http.axiosRef.get('/x', { headers }));
    await failureOf(account.http.axiosRef.request(config ?? {}));
    expect(tokensSeen(api)).toEqual(['theirs', 'theirs']);
  });

  it('uses the same agent', async () => {
    fails = 1;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { axiosRef } = account.http;
    const { config } = await failureOf(axiosRef.get('/x', { httpAgent: agent }));
    const [socket, ...others] = Object.values(agent.freeSockets).flat();
    expect(others).toEqual([]);
    // The agent gives the socket to the second request, and takes it back after it.
    const freed = once(agent, 'free');
    await axiosRef.request(config ?? {});
    expect((await freed)[0]).toBe(socket);
    agent.destroy();
  });

  it.each<[string, () => unknown]>([
    ['Node stream', () => Readable.from(['%PDF'])],
    ['web stream', () => new Blob(['%PDF']).stream()],
  ])('with a used %s fails instead of sending an empty body', async (_, make) => {
    fails = 1;
    const { axiosRef } = account.http;
    const { config } = await failureOf(axiosRef.post('/x', make()));
    for (const attempt of [1, 2]) {
      const again = await rejectionOf(axiosRef.request(config ?? {}));
      expect([attempt, again]).toMatchObject([attempt, { code: 'body_not_replayable' }]);
    }
    expect(apiRequests(api)).toHaveLength(1);
  });
});
