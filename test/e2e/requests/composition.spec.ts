import { Readable } from 'node:stream';
import type { AxiosError } from 'axios';
import axiosRetry from 'axios-retry';
import { ClsModule, ClsService } from 'nestjs-cls';
import { Subject, VirtualTimeScheduler, firstValueFrom, of, retry, takeUntil, timeout } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DokStampError, DokStampHttpService, DokStampModule } from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import {
  BREAK,
  acceptingFrom,
  accountAt,
  apiRequests,
  carriesTokenFrom,
  inTurn,
  refuse,
  rejectionOf,
  tokensSeen,
} from '../../support/stub-account.js';
import { type StubDokStamp, json, stubDokStamp } from '../../support/stub-server.js';
import { waitUntil } from '../../support/time.js';

let api: StubDokStamp;

afterEach(() => api[Symbol.asyncDispose]());

describe("the app's interceptors", () => {
  it.each([
    ['before ours', {}],
    ['after ours', { transitional: { legacyInterceptorReqResOrdering: false } }],
  ])(
    'for requests run %s, once per call and not per replay, and their changes apply',
    async (_, http) => {
      api = await stubDokStamp(acceptingFrom(2));
      await using account = await accountAt(api, { http });
      const { axiosRef } = account.http;
      let runs = 0;
      axiosRef.interceptors.request.use(async (config) => {
        runs++;
        config.headers.set('X-Tenant', 'of-the-interceptor');
        config.headers.set('X-Trace', String(runs));
        return { ...config, url: '/changed' };
      });
      await axiosRef.post('/x', { a: 1 });
      expect(runs).toBe(1);
      expect(apiRequests(api)).toHaveLength(2);
      for (const { url, headers, body } of apiRequests(api)) {
        expect(url).toBe('/changed');
        expect(headers).toMatchObject({ 'x-tenant': 'of-the-interceptor', 'x-trace': '1' });
        expect(body.toString()).toBe('{"a":1}');
      }
    },
  );

  it('that change the base URL of a request make it not ours', async () => {
    api = await stubDokStamp(inTurn());
    await using other = await stubDokStamp();
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    axiosRef.interceptors.request.use((config) => ({ ...config, baseURL: other.url }));
    await axiosRef.get('/x');
    expect(other.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(other.seen[0]?.headers).not.toHaveProperty('x-tenant');
  });

  it('that set an Authorization keep it, and its 401 causes no renewal', async () => {
    api = await stubDokStamp((_, response) => refuse(response));
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    axiosRef.interceptors.request.use((config) => {
      config.headers.setAuthorization('Bearer theirs');
      return config;
    });
    await rejectionOf(axiosRef.get('/x'));
    expect(tokensSeen(api)).toEqual(['theirs']);
    expect(api.tokenRequests).toBe(0);
  });

  it('for answers receive only the last one, and errors without the token', async () => {
    const accept = acceptingFrom(2);
    api = await stubDokStamp((request, response) =>
      request.url === '/fails' ? json(response, 500, {}) : accept(request, response),
    );
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    const seen: unknown[] = [];
    axiosRef.interceptors.response.use(
      (response) => {
        seen.push(response.status);
        return response;
      },
      (error: AxiosError) => {
        seen.push(error.status, error.config?.headers.has('Authorization'));
        throw error;
      },
    );
    await axiosRef.get('/x');
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2']);
    expect(seen).toEqual([200]);
    await rejectionOf(axiosRef.get('/fails'));
    expect(seen).toEqual([200, 500, false]);
  });

  it('that return an answer of their own, or reject, have the last word', async () => {
    api = await stubDokStamp(inTurn(500));
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    axiosRef.interceptors.response.use(null, () => ({ data: 'made up' }));
    expect(await axiosRef.get('/x')).toEqual({ data: 'made up' });
    axiosRef.interceptors.request.use(() => Promise.reject(new Error('not today')));
    expect(await axiosRef.get('/x')).toEqual({ data: 'made up' });
    expect(apiRequests(api)).toHaveLength(1);
  });
});

describe('a refused token request', () => {
  it('is not treated as a 401 of the API: no renewal, no replay, no retry', async () => {
    api = await stubDokStamp();
    api.tokenEndpoint = (_, response) => json(response, 401, { error: 'invalid_client' });
    await using account = await accountAt(api);
    axiosRetry(account.http.axiosRef, { retries: 3 });
    const error = await rejectionOf(account.http.axiosRef.get('/x'));
    expect(error).toMatchObject({ code: 'invalid_client', status: 401, attempts: 1 });
    await rejectionOf(account.http.axiosRef.get('/x'));
    expect(api.seen).toHaveLength(1);
  });
});

describe('a call that an interceptor repeats with the config of its answer', () => {
  it('carries the current token, and is renewed and replayed like any other', async () => {
    api = await stubDokStamp((request, response) =>
      json(
        response,
        carriesTokenFrom(3, request) ? 200 : carriesTokenFrom(2, request) ? 401 : 202,
        {},
      ),
    );
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    let polls = 0;
    axiosRef.interceptors.response.use(async (response) => {
      if (response.status !== 202) return response;
      if (++polls === 1) await account.tokens.renew();
      return axiosRef.request(response.config);
    });
    expect((await axiosRef.get('/document')).status).toBe(200);
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2', 'token_3']);
  });
});

describe('axios-retry', () => {
  it('sends each attempt with the current token', async () => {
    api = await stubDokStamp(inTurn(503, BREAK));
    await using account = await accountAt(api);
    const onRetry = () => void account.tokens.invalidate(`token_${api.tokenRequests}`);
    axiosRetry(account.http.axiosRef, { retries: 3, onRetry });
    const { data } = await account.http.axiosRef.put('/x?a=1', { a: 1 }, { params: { b: 2 } });
    expect(data).toEqual({ nth: 3 });
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2', 'token_3']);
    for (const { url, headers, body } of apiRequests(api)) {
      expect(url).toBe('/x?a=1&b=2');
      expect(headers).toMatchObject({ 'x-tenant': 'my-university', accept: 'application/json' });
      expect(body.toString()).toBe('{"a":1}');
    }
  });

  it('and the replay do not multiply', async () => {
    api = await stubDokStamp(inTurn(401, 503, 401, 200));
    await using account = await accountAt(api);
    axiosRetry(account.http.axiosRef, { retries: 3 });
    await account.http.axiosRef.get('/x');
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2', 'token_2', 'token_3']);
  });

  it('fails for a used stream instead of sending an empty body', async () => {
    api = await stubDokStamp(inTurn(503));
    await using account = await accountAt(api);
    axiosRetry(account.http.axiosRef, { retries: 1 });
    const error = await rejectionOf(account.http.axiosRef.put('/x', Readable.from(['%PDF'])));
    expect(error).toMatchObject({ code: 'body_not_replayable' });
    expect(apiRequests(api)).toHaveLength(1);
  });

  it('sends a body of dokStamp.body in each attempt', async () => {
    api = await stubDokStamp(inTurn(503, 401));
    await using account = await accountAt(api);
    axiosRetry(account.http.axiosRef, { retries: 1 });
    const body = () => Readable.from(['%PDF']);
    await account.http.axiosRef.put('/x', undefined, { dokStamp: { body } });
    expect(apiRequests(api).map((request) => request.body.toString())).toEqual(
      Array(3).fill('%PDF'),
    );
  });
});

describe('nestjs-cls', () => {
  it('gives each request the tenant of its context, also if it waits for the token', async () => {
    api = await stubDokStamp(acceptingFrom(2));
    await using app = await boot({
      imports: [
        ClsModule.forRoot({ global: true }),
        DokStampModule.forRootAsync({
          inject: [ClsService],
          useFactory: (cls: ClsService) => ({
            baseURL: api.url,
            clientId: 'id',
            clientSecret: 'secret-of-the-test',
            startup: 'lazy',
            tenant: () => cls.get<string | undefined>('tenant'),
          }),
        }),
      ],
    });
    const cls = app.get(ClsService);
    const http = app.get(DokStampHttpService);
    const callOf = (tenant: string) =>
      cls.run(() => {
        cls.set('tenant', tenant);
        return firstValueFrom(http.get(`/${tenant}`));
      });
    await Promise.all(['a', 'b', 'c'].map(callOf));
    expect(apiRequests(api)).toHaveLength(6);
    for (const { url, headers } of apiRequests(api)) expect(headers['x-tenant']).toBe(url.slice(1));
    const outside = await rejectionOf(firstValueFrom(http.get('/outside')));
    expect(outside).toMatchObject({ code: 'tenant_missing' });
  });
});

describe('rxjs', () => {
  it('retry sends each attempt with the current token', async () => {
    api = await stubDokStamp(inTurn(500, 500));
    await using account = await accountAt(api);
    const delay = () => of(account.tokens.invalidate(`token_${api.tokenRequests}`));
    const call = account.http.post('/x', { a: 1 }).pipe(retry({ count: 2, delay }));
    expect((await firstValueFrom(call)).data).toEqual({ nth: 3 });
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2', 'token_3']);
    for (const { body } of apiRequests(api)) expect(body.toString()).toBe('{"a":1}');
  });

  it.each<[string, () => unknown]>([
    ['Node stream', () => Readable.from(['%PDF'])],
    ['web stream', () => new Blob(['%PDF']).stream()],
  ])('retry fails for a used %s instead of sending an empty body', async (_, make) => {
    api = await stubDokStamp(inTurn(500));
    await using account = await accountAt(api);
    const call = account.http.post('/x', make()).pipe(retry(1));
    expect(await rejectionOf(firstValueFrom(call))).toMatchObject({ code: 'body_not_replayable' });
    expect(apiRequests(api)).toHaveLength(1);
  });

  it('retry after a failed token request sends the stream, which is still unread', async () => {
    api = await stubDokStamp(inTurn());
    await using account = await accountAt(api);
    const failure = new DokStampError('token_request_failed', 'not now', { retryable: true });
    vi.spyOn(account.tokens, 'getToken').mockRejectedValueOnce(failure);
    const call = account.http.post('/x', new Blob(['%PDF']).stream()).pipe(retry(1));
    await firstValueFrom(call);
    expect(apiRequests(api).map(({ body }) => body.toString())).toEqual(['%PDF']);
  });

  it('takeUntil ends the call', async () => {
    api = await stubDokStamp(() => {});
    await using account = await accountAt(api);
    const stop = new Subject<void>();
    const call = account.http.get('/x').pipe(takeUntil(stop));
    const stopped = firstValueFrom(call, { defaultValue: 'stopped' });
    await waitUntil(() => apiRequests(api).length === 1);
    stop.next();
    expect(await stopped).toBe('stopped');
  });

  it('timeout ends the call', async () => {
    let closed = 0;
    api = await stubDokStamp((_, response) => void response.on('close', () => closed++));
    await using account = await accountAt(api);
    const scheduler = new VirtualTimeScheduler();
    const limit = timeout({ first: 20, with: () => of('late'), scheduler });
    const call = firstValueFrom(account.http.get('/x').pipe(limit));
    await waitUntil(() => apiRequests(api).length === 1);
    scheduler.flush();
    expect(await call).toBe('late');
    await waitUntil(() => closed === 1);
  });
});
