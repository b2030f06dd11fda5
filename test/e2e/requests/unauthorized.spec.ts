import { Logger } from '@nestjs/common';
import type { AxiosAdapter, AxiosResponse } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { MapTokenStore } from '../../support/map-token-store.js';
import { settleOverTime } from '../../support/settle-over-time.js';
import {
  UNAUTHENTICATED,
  acceptingFrom,
  accountAt,
  apiRequests,
  carriesTokenFrom,
  refuse,
  rejectionOf,
  tokensSeen,
} from '../../support/stub-account.js';
import { type StubDokStamp, json, stubDokStamp } from '../../support/stub-server.js';
import { freezeTime, waitUntil } from '../../support/time.js';

/** An API that accepts the tokens of the set and no others. */
function accepting(tokens: ReadonlySet<string>): Promise<StubDokStamp> {
  return stubDokStamp(({ headers }, response) => {
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    return tokens.has(token) ? json(response, 200, { token }) : refuse(response);
  });
}

const NO_TOKEN = new Set<string>();

describe('a 401', () => {
  it('of 50 concurrent calls causes one token request and 50 replays', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    const answers = await Promise.all(Array.from({ length: 50 }, () => axiosRef.get('/x')));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(api.tokenRequests).toBe(2);
    expect(apiRequests(api)).toHaveLength(100);
  });

  it('to a token of another process, whose newer token is refused too, is sent a third time', async () => {
    const accepted = new Set<string>();
    await using api = await accepting(accepted);
    const tokenStore = new MapTokenStore();
    await using one = await accountAt(api, { tokenStore });
    await using other = await accountAt(api, { tokenStore });
    expect(await one.tokens.getToken()).toBe(await other.tokens.getToken());
    await one.tokens.renew();
    accepted.add('token_3');
    const { axiosRef } = other.http;
    const calls = await Promise.all(['/a', '/b', '/c'].map((url) => axiosRef.get(url)));
    expect(calls.map(({ data }) => data)).toEqual(calls.map(() => ({ token: 'token_3' })));
    expect(api.tokenRequests).toBe(3);
  });

  it('to a token of another process and to a new one is final', async () => {
    await using api = await accepting(NO_TOKEN);
    const tokenStore = new MapTokenStore();
    await using one = await accountAt(api, { tokenStore });
    await using other = await accountAt(api, { tokenStore });
    await one.tokens.getToken();
    await other.tokens.getToken();
    await one.tokens.renew();
    expect(await rejectionOf(other.http.axiosRef.get('/x'))).toMatchObject({
      status: 401,
      cause: { code: 'token_not_accepted' },
    });
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2', 'token_3']);
  });

  it('of a canned response without headers is renewed and replayed', async () => {
    await using api = await accepting(NO_TOKEN);
    await using account = await accountAt(api);
    const statuses = [401, 200];
    const adapter: AxiosAdapter = async (config) =>
      ({ status: statuses.shift(), statusText: '', data: {}, config }) as AxiosResponse;
    expect(await account.http.axiosRef.get('/x', { adapter })).toMatchObject({ status: 200 });
    expect(api.tokenRequests).toBe(2);
  });

  it('to an older token is replayed with the current one, without a token request', async () => {
    const late = deferred();
    await using api = await stubDokStamp(async (request, response) => {
      if (carriesTokenFrom(2, request)) return json(response, 200, {});
      if (request.url === '/late') await late.promise;
      return refuse(response);
    });
    await using account = await accountAt(api);
    const call = account.http.axiosRef.get('/late');
    await waitUntil(() => apiRequests(api).length === 1);
    await account.http.axiosRef.get('/x');
    late.resolve();
    expect((await call).status).toBe(200);
    expect(api.tokenRequests).toBe(2);
  });

  it.each([
    [
      'with insufficient_scope',
      401,
      { 'WWW-Authenticate': 'Bearer realm="api", error="insufficient_scope"' },
    ],
    ['that is a 403', 403, {}],
  ])('%s is final at once', async (_, status, headers) => {
    await using api = await stubDokStamp((__, response) => json(response, status, {}, headers));
    await using account = await accountAt(api);
    expect(await rejectionOf(account.http.axiosRef.get('/x'))).toMatchObject({
      response: { status },
    });
    expect(tokensSeen(api)).toEqual(['token_1']);
    expect(api.tokenRequests).toBe(1);
    expect(account.tokens.status.state).toBe('valid');
  });

  it.each([
    ['dokStamp.replay', {}, { dokStamp: { replay: false } }],
    ['replayOnUnauthorized', { replayOnUnauthorized: false }, {}],
  ])(
    'is not replayed if %s is false, but the next call has a new token',
    async (_, options, config) => {
      await using api = await stubDokStamp(acceptingFrom(2));
      await using account = await accountAt(api, options);
      const error = await rejectionOf(account.http.axiosRef.get('/x', config));
      expect(error).toMatchObject({ response: { status: 401 } });
      expect(apiRequests(api)).toHaveLength(1);
      expect((await account.http.axiosRef.get('/x', config)).status).toBe(200);
      expect(api.tokenRequests).toBe(2);
    },
  );

  it('is replayed if dokStamp.replay is true and replayOnUnauthorized is false', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api, { replayOnUnauthorized: false });
    const { status } = await account.http.axiosRef.get('/x', { dokStamp: { replay: true } });
    expect(status).toBe(200);
  });

  it('that validateStatus accepts is renewed and replayed, and the last answer resolves', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const config = { validateStatus: () => true };
    expect((await account.http.axiosRef.get('/x', config)).status).toBe(200);
    await using refusing = await accepting(NO_TOKEN);
    await using refused = await accountAt(refusing);
    expect(await refused.http.axiosRef.get('/x', config)).toMatchObject({
      status: 401,
      data: UNAUTHENTICATED,
    });
    expect(apiRequests(refusing)).toHaveLength(2);
  });

  it('that a new token cures is logged at debug level, without the query, and at no other level', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    await account.tokens.getToken();
    const debug: string[] = [];
    const louder = vi.fn();
    Logger.overrideLogger({
      log: louder,
      warn: louder,
      error: louder,
      debug: (line: string) => void debug.push(line),
    });
    await account.http.axiosRef.get('/x?secret=in-the-url');
    expect(debug.filter((line) => line.includes('401'))).toEqual([
      expect.stringContaining(' GET '),
    ]);
    expect(debug.join()).not.toContain('in-the-url');
    expect(louder).not.toHaveBeenCalled();
  });
});

describe('a 401 without a new token', () => {
  it.each([
    ['rejected', undefined],
    ['accepted by validateStatus', () => true],
  ])('rejects with the DokStampError, its cause the 401: %s', async (_, validateStatus) => {
    freezeTime();
    await using api = await accepting(NO_TOKEN);
    let pair = { clientId: 'id', clientSecret: 'secret-1' };
    await using account = await accountAt(api, { credentials: () => pair });
    await account.tokens.getToken();
    pair = { clientId: '', clientSecret: '' };
    const call = account.http.axiosRef.get('/x', validateStatus ? { validateStatus } : {});
    expect(await settleOverTime(rejectionOf(call))).toMatchObject({
      code: 'credentials_unavailable',
      cause: { isAxiosError: true, response: { status: 401, data: UNAUTHENTICATED } },
    });
  });

  it('reaches the caller as it came if the call is not replayed', async () => {
    await using api = await accepting(NO_TOKEN);
    await using account = await accountAt(api);
    await account.tokens.getToken();
    api.tokenEndpoint = (_, response) => json(response, 400, { error: 'invalid_client' });
    const call = account.http.axiosRef.get('/x', { dokStamp: { replay: false } });
    const error = await rejectionOf(call);
    expect(error).toMatchObject({ isAxiosError: true, response: { data: UNAUTHENTICATED } });
    expect(error.cause).toBeUndefined();
  });

  it('rejects each of several calls with its own 401 as the cause', async () => {
    await using api = await stubDokStamp(({ url }, response) => json(response, 401, { of: url }));
    await using account = await accountAt(api);
    await account.tokens.getToken();
    api.tokenEndpoint = (_, response) => json(response, 400, { error: 'invalid_client' });
    const urls = ['/a', '/b', '/c'];
    const errors = await Promise.all(
      urls.map((url) => rejectionOf(account.http.axiosRef.get(url))),
    );
    expect(errors).toMatchObject(
      urls.map((of) => ({ code: 'invalid_client', cause: { response: { data: { of } } } })),
    );
    expect(account.tokens.status.lastError).not.toHaveProperty('cause.response.data.of');
  });
});
