import { Readable } from 'node:stream';
import axiosRetry from 'axios-retry';
import { ClsModule, ClsService } from 'nestjs-cls';
import { NEVER, Subject, catchError, firstValueFrom, of, retry, takeUntil, timeout } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DokStampError, DokStampHttpService, DokStampModule } from '../../lib/index.js';
import { boot } from '../support/app.js';
import {
  acceptingFrom,
  accountAt,
  apiRequests,
  carriesTokenFrom,
  refuse,
  rejectionOf,
  tokensSeen,
} from '../support/requests.js';
import { json, stubDokStamp, stubServer } from '../support/stub-server.js';
import { until } from '../support/token-harness.js';

type Api = Awaited<ReturnType<typeof stubDokStamp>>;

let api: Api;

afterEach(async () => {
  vi.restoreAllMocks();
  await api[Symbol.asyncDispose]();
});

/** An API that answers with these statuses in turn, and with 200 from then on. */
async function answering(...statuses: number[]): Promise<Api> {
  let nth = 0;
  return stubDokStamp((_, response) => {
    const status = statuses[nth++] ?? 200;
    return status === 0 ? response.destroy() : json(response, status, { nth });
  });
}

describe("the host's interceptors", () => {
  it.each([
    ['before ours', {}],
    ['after ours', { transitional: { legacyInterceptorReqResOrdering: false } }],
  ])(
    'for requests run %s, once per call and not per replay, and what they change counts',
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

  it('that lead a request elsewhere take it out of our hands', async () => {
    api = await answering();
    await using other = await stubDokStamp();
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    axiosRef.interceptors.request.use((config) => ({ ...config, baseURL: other.url }));
    await axiosRef.get('/x');
    expect(other.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(other.seen[0]?.headers).not.toHaveProperty('x-tenant');
  });

  it('that bring an Authorization make the request theirs', async () => {
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

  it('for answers see the last one only, and errors without the token', async () => {
    api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    const seen: unknown[] = [];
    axiosRef.interceptors.response.use(
      (response) => {
        seen.push(response.status);
        return response;
      },
      (error: { config: { headers: object } }) => {
        seen.push(Object.keys(error.config.headers));
        throw error;
      },
    );
    await axiosRef.get('/x');
    expect(seen).toEqual([200]);
    await rejectionOf(
      axiosRef
        .get('/x', {
          transformResponse: () => {
            throw new Error('mine');
          },
        })
        .catch(() => axiosRef.get('http://127.0.0.1:1/')),
    );
    expect(seen).toHaveLength(2);
    expect(seen[1]).not.toContain('Authorization');
  });

  it('that answer themselves, or reject, keep the last word', async () => {
    api = await answering(500);
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
  it('is not taken for a 401 of the API: no renewal, no replay, no retry', async () => {
    api = await stubDokStamp();
    await using refusing = await stubServer((_, response) =>
      json(response, 401, { error: 'invalid_client' }),
    );
    await using account = await accountAt(refusing);
    axiosRetry(account.http.axiosRef, { retries: 3 });
    const error = await rejectionOf(account.http.axiosRef.get('/x'));
    expect(error).toMatchObject({ code: 'invalid_client', status: 401, attempts: 1 });
    await rejectionOf(account.http.axiosRef.get('/x'));
    expect(refusing.seen).toHaveLength(1);
  });
});

describe('a call that an interceptor makes again with the config of its answer', () => {
  it('carries the token of its moment, and is renewed and replayed like every other', async () => {
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
  it('sends each attempt with the token of its moment', async () => {
    api = await answering(503, 0);
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

  it('and our replay do not multiply', async () => {
    api = await answering(401, 503, 401, 200);
    await using account = await accountAt(api);
    axiosRetry(account.http.axiosRef, { retries: 3 });
    await account.http.axiosRef.get('/x');
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2', 'token_2', 'token_3']);
  });

  it('fails for a spent stream rather than send nothing', async () => {
    api = await answering(503);
    await using account = await accountAt(api);
    axiosRetry(account.http.axiosRef, { retries: 1 });
    const error = await rejectionOf(account.http.axiosRef.put('/x', Readable.from(['%PDF'])));
    expect(error).toMatchObject({ code: 'body_not_replayable' });
    expect(apiRequests(api)).toHaveLength(1);
  });

  it('sends what dokStamp.body makes, in each attempt', async () => {
    api = await answering(503, 401);
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
  it('gives each request the tenant of its context, also while the token is waited for', async () => {
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
  it('retry sends each attempt with the token of its moment', async () => {
    api = await answering(500, 500);
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
  ])('retry of a spent %s fails rather than send nothing', async (_, make) => {
    api = await answering(500);
    await using account = await accountAt(api);
    const call = account.http.post('/x', make()).pipe(retry(1));
    expect(await rejectionOf(firstValueFrom(call))).toMatchObject({ code: 'body_not_replayable' });
    expect(apiRequests(api)).toHaveLength(1);
  });

  it('retry after a failed token request sends the stream, which nobody has read', async () => {
    api = await answering();
    await using account = await accountAt(api);
    const failure = new DokStampError('token_request_failed', 'not now', { retryable: true });
    vi.spyOn(account.tokens, 'getToken').mockRejectedValueOnce(failure);
    const call = account.http.post('/x', new Blob(['%PDF']).stream()).pipe(retry(1));
    await firstValueFrom(call);
    expect(apiRequests(api).map(({ body }) => body.toString())).toEqual(['%PDF']);
  });

  it('takeUntil and timeout end the call', async () => {
    api = await stubDokStamp(() => {});
    await using account = await accountAt(api);
    const stop = new Subject<void>();
    const stopped = firstValueFrom(account.http.get('/x').pipe(takeUntil(stop)), {
      defaultValue: 'stopped',
    });
    await until(() => apiRequests(api).length === 1);
    stop.next();
    expect(await stopped).toBe('stopped');
    const late = account.http.get('/x').pipe(
      timeout({ first: 20, with: () => of('late') }),
      catchError(() => NEVER),
    );
    expect(await firstValueFrom(late)).toBe('late');
  });
});
