import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { AxiosRequestConfig } from 'axios';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type LeakingApi,
  SECRETS,
  TOKEN,
  type WatchedAccount,
  badJson,
  badStatus,
  echoed,
  halfAnAnswer,
  hang,
  hangUp,
  huge,
  leakingApi,
  longRefusal,
  redirect,
  watchedAccount,
} from '../../support/leaking-api.js';
import { leaksIn, loggerViewsOf, viewsOf, viewsOfApp } from '../../support/leaks.js';
import { CLIENT_SECRET, rejectionOf } from '../../support/stub-account.js';
import { type Answer, json } from '../../support/stub-server.js';

let server: LeakingApi;
let account: WatchedAccount;

beforeAll(async () => {
  server = await leakingApi();
  account = await watchedAccount(server);
  await account.tokens.getToken();
});

beforeEach(() => account.recordLog());

afterAll(async () => {
  await account[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe('the views of an error', () => {
  it('show a secret that it has', () => {
    const cause = new Error(`not ${TOKEN}`);
    const open = Object.assign(new Error('It failed.', { cause }), {
      config: { data: CLIENT_SECRET },
      toJSON: () => ({ token: TOKEN }),
    });
    expect(leaksIn([...viewsOf(open), ...loggerViewsOf(open)], SECRETS)).toEqual([
      expect.stringMatching(/^JSON of cause 0 shows/),
      expect.stringMatching(/^message of cause 1 shows/),
      expect.stringMatching(/^stack of cause 1 shows/),
      expect.stringMatching(/^String\(\) of cause 1 shows/),
      expect.stringMatching(/^inspect shows/),
      expect.stringMatching(/^Nest's ConsoleLogger shows/),
      expect.stringMatching(/^Nest's ConsoleLogger as JSON shows/),
      expect.stringMatching(/^pino shows/),
    ]);
  });
});

const ADAPTERS: [string, AxiosRequestConfig][] = [
  ['http', {}],
  ['http without redirects', { maxRedirects: 0 }],
  ['fetch', { adapter: 'fetch' }],
];

const KINDS: [string, Answer, AxiosRequestConfig?][] = [
  ...[400, 401, 403, 404, 422, 429, 500].map((status): [string, Answer] => [
    `status ${status}`,
    echoed(status),
  ]),
  ['bad JSON', badJson, { responseType: 'json', transitional: { silentJSONParsing: false } }],
  ['bad JSON for a parser of the app', badJson, { transformResponse: (data) => JSON.parse(data) }],
  ['a long answer', huge, { maxContentLength: 1_000 }],
  ['a long refusal', longRefusal],
  ['a status text with the token', badStatus],
  ['a network error', hangUp],
  ['half an answer', halfAnAnswer],
  ['a timeout', hang, { timeout: 1 }],
  ['endless redirects', redirect],
  ['a refusal as bytes', echoed(500), { responseType: 'arraybuffer' }],
  ['a refusal as a stream', echoed(500), { responseType: 'stream' }],
  ['a refused upload', echoed(401), { method: 'post', data: 'text' }],
];

const CASES = ADAPTERS.flatMap(([adapter, base]) =>
  KINDS.map(([kind, answer, config]) => [adapter, kind, answer, { ...base, ...config }] as const),
);

describe('the error of an API call shows neither secret nor token', () => {
  it.each(CASES)('by %s after %s', async (_, __, answer, config) => {
    server.api = answer;
    const call = account.http.axiosRef.request({ url: '/certificates', ...config });
    account.expectNoLeak(await rejectionOf(call));
  });

  it.each(ADAPTERS)('by %s after an abort', async (_, config) => {
    const caller = new AbortController();
    server.api = () => caller.abort();
    const { signal } = caller;
    const error = await rejectionOf(account.http.axiosRef.get('/x', { ...config, signal }));
    expect(error).toMatchObject({ code: 'ERR_CANCELED' });
    account.expectNoLeak(error);
  });

  it.each<[string, () => unknown]>([
    ['a Node stream', () => Readable.from(['%PDF'])],
    ['an async iterable', () => Readable.from(['%PDF'])[Symbol.asyncIterator]()],
  ])('after an upload of %s is refused', async (_, make) => {
    server.api = echoed(401);
    const error = await rejectionOf(account.http.axiosRef.post('/files', make()));
    expect(error).toMatchObject({ isAxiosError: true, response: { status: 401 } });
    account.expectNoLeak(error);
  });

  it('after an answer that it streams is aborted', async () => {
    server.api = (_, response) => response.writeHead(200).write('half');
    const caller = new AbortController();
    const { data } = await account.http.axiosRef.get<Readable>('/x', {
      responseType: 'stream',
      signal: caller.signal,
    });
    data.once('data', () => caller.abort());
    const error = await rejectionOf(text(data));
    expect(error).toMatchObject({ code: 'ERR_CANCELED' });
    account.expectNoLeak(error);
  });

  it('if the app itself has put the token into the body, which is sent again as it was', async () => {
    server.api = (_, response) => json(response, 503, {});
    const { axiosRef } = account.http;
    const body = { token: TOKEN };
    const error = await rejectionOf<{ config: object }>(axiosRef.post('/introspect', body));
    account.expectNoLeak(error);
    server.api = (_, response) => json(response, 200, {});
    await axiosRef.request(error.config);
    expect(server.seen.at(-1)?.body.toString()).toBe(JSON.stringify(body));
    expect(server.seen.at(-1)?.headers['content-type']).toBe('application/json');
  });

  it('to a logger', async () => {
    server.api = echoed(500);
    const error = await rejectionOf(account.http.axiosRef.get('/certificates'));
    expect(leaksIn(loggerViewsOf(error), SECRETS)).toEqual([]);
  });

  it('if a test overrides the TokenService', async () => {
    server.api = echoed(500);
    await using overridden = await watchedAccount(server);
    overridden.tokens.getToken = async () => TOKEN;
    const error = await rejectionOf(overridden.http.axiosRef.get('/certificates'));
    expect(leaksIn(viewsOf(error), [TOKEN])).toEqual([]);
  });

  it('if the tenant function fails with the token', async () => {
    const tenant = () => {
      throw new Error('no tenant', { cause: new Error(`asked with Bearer ${TOKEN}`) });
    };
    await using failing = await watchedAccount(server, { tenant });
    await failing.tokens.getToken();
    const error = await rejectionOf(failing.http.axiosRef.get('/certificates'));
    expect(error).toMatchObject({ code: 'tenant_missing', cause: { message: 'no tenant' } });
    failing.expectNoLeak(error);
  });
});

describe('after all these failures', () => {
  it('the account keeps neither secret nor token where it can be printed', () => {
    account.expectNothingKept();
    expect(leaksIn(viewsOfApp(account.app), SECRETS)).toEqual([]);
  });
});
