import { once } from 'node:events';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { isAxiosError, isCancel, type AxiosError } from 'axios';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TestApp } from '../support/app.js';
import { accountAt, apiRequests, refuse, rejectionOf, tokensSeen } from '../support/requests.js';
import { json, stubDokStamp } from '../support/stub-server.js';

let api: Awaited<ReturnType<typeof stubDokStamp>>;
let account: TestApp;
let fails: number;

beforeEach(async () => {
  fails = Infinity;
  api = await stubDokStamp(({ url, headers }, response) => {
    if (url === '/hang-up') return response.destroy();
    if (url === '/refused') return refuse(response, { 'x-request-id': '7' });
    if (fails-- <= 0) return json(response, 200, {});
    return json(
      response,
      422,
      { message: 'No.', sent: headers.authorization },
      { 'x-request-id': '7' },
    );
  });
  account = await accountAt(api);
});

afterEach(async () => {
  await account[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

const failureOf = (promise: Promise<unknown>) => rejectionOf<AxiosError>(promise);

describe("an API call's AxiosError", () => {
  it.each(['http', 'fetch'])('stays one, by the %s adapter', async (adapter) => {
    const error = await failureOf(
      account.http.axiosRef.post('/x', { a: 1 }, { adapter, params: { b: 2 } }),
    );
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
    expect(error.stack).toContain('errors-usable.spec');
  });

  it('of a network failure has its code, a request and a cause', async () => {
    const error = await failureOf(account.http.axiosRef.get('/hang-up'));
    expect(error).toMatchObject({ code: 'ECONNRESET', cause: { code: 'ECONNRESET' } });
    expect(error.request).toEqual({
      method: 'GET',
      protocol: 'http:',
      host: '127.0.0.1',
      path: '/hang-up',
    });
    expect(error.response).toBeUndefined();
  });

  it('of a cancelled call is a cancellation', async () => {
    const error = await failureOf(account.http.axiosRef.get('/x', { signal: AbortSignal.abort() }));
    expect(isCancel(error)).toBe(true);
  });

  it('of the API that refuses the second time is its own 401, with its body', async () => {
    const error = await failureOf(account.http.axiosRef.get('/refused'));
    expect(error).toMatchObject({
      isAxiosError: true,
      response: { status: 401, data: { error: 'unauthenticated', message: 'Unauthenticated.' } },
    });
    expect(error.cause).toMatchObject({ code: 'token_not_accepted' });
  });

  it('gives a streamed answer that can be read', async () => {
    const error = await failureOf(account.http.axiosRef.get('/x', { responseType: 'stream' }));
    expect(await text(error.response?.data as Readable)).toContain('No.');
  });

  it('has no more in JSON than an AxiosError has', async () => {
    const error = await failureOf(account.http.axiosRef.get('/x'));
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      status: 422,
    });
  });
});

describe('the config of an error', () => {
  it('can be sent again, with the token of that moment', async () => {
    fails = 1;
    const { config } = await failureOf(
      account.http.axiosRef.post('/x', { a: 1 }, { headers: { 'Idempotency-Key': 'k' } }),
    );
    account.tokens.invalidate('token_1');
    await account.http.axiosRef.request(config ?? {});
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2']);
    for (const { headers } of apiRequests(api)) {
      expect(headers).toMatchObject({ 'idempotency-key': 'k', 'x-tenant': 'my-university' });
    }
  });

  it("keeps somebody else's Authorization", async () => {
    const headers = { Authorization: 'Bearer theirs' };
    const { config } = await failureOf(account.http.axiosRef.get('/x', { headers }));
    await failureOf(account.http.axiosRef.request(config ?? {}));
    expect(tokensSeen(api)).toEqual(['theirs', 'theirs']);
  });

  it('goes over the same agent', async () => {
    fails = 1;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { axiosRef } = account.http;
    const { config } = await failureOf(axiosRef.get('/x', { httpAgent: agent }));
    const sockets = Object.values(agent.freeSockets).flat();
    expect(sockets).toHaveLength(1);
    // The idle socket alone would also be there if the request had gone over another agent.
    const addRequest = vi.spyOn(agent, 'addRequest' as never);
    await axiosRef.request(config ?? {});
    expect(addRequest).toHaveBeenCalledTimes(1);
    if (Object.values(agent.freeSockets).length === 0) await once(agent, 'free');
    expect(Object.values(agent.freeSockets).flat()).toEqual(sockets);
    agent.destroy();
  });

  it.each<[string, () => unknown]>([
    ['Node stream', () => Readable.from(['%PDF'])],
    ['web stream', () => new Blob(['%PDF']).stream()],
  ])('with a spent %s fails rather than send nothing', async (_, make) => {
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
