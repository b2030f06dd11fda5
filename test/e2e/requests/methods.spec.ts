import { METHODS } from 'node:http';
import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { type Observable, firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DokStampHttpService } from '../../../lib/index.js';
import type { TestApp } from '../../support/app.js';
import { accountAt, apiRequests } from '../../support/stub-account.js';
import { type StubDokStamp, stubDokStamp } from '../../support/stub-server.js';

type Result = Promise<AxiosResponse> | Observable<AxiosResponse>;
type WithoutBody = (url: string, config?: AxiosRequestConfig) => Result;
type WithBody = (url: string, data?: unknown, config?: AxiosRequestConfig) => Result;

/** The methods that `axiosRef` and the service itself both have. */
interface Client {
  request(config: AxiosRequestConfig): Result;
  readonly get: WithoutBody;
  readonly delete: WithoutBody;
  readonly head: WithoutBody;
  readonly post: WithBody;
  readonly put: WithBody;
  readonly patch: WithBody;
  readonly postForm: WithBody;
  readonly putForm: WithBody;
  readonly patchForm: WithBody;
}

type AxiosRef = DokStampHttpService['axiosRef'];

const CONFIG = {
  params: { where: { status: 'issued' }, per_page: 2 },
  headers: { 'X-Trace': 'a', 'Content-Type': 'application/json' },
  timeout: 5_000,
};

const METHOD_OF_CONFIG = { url: '/elsewhere', method: 'post', baseURL: undefined };

const CALLS: [string, (client: Client) => Result][] = [
  ['request', (client) => client.request({ url: '/certificates', method: 'DELETE', ...CONFIG })],
  ['get', (client) => client.get('/certificates')],
  ['get with a config', (client) => client.get('/certificates', CONFIG)],
  ['get with data', (client) => client.get('/certificates', { ...CONFIG, data: { a: 1 } })],
  ['get with another method', (client) => client.get('/certificates', METHOD_OF_CONFIG)],
  ['delete', (client) => client.delete('/certificates', { data: { a: [1, { b: null }] } })],
  ['head', (client) => client.head('/certificates', CONFIG)],
  ['post', (client) => client.post('/certificates')],
  [
    'post with an object',
    (client) => client.post('/certificates', { finish: true, none: undefined }, CONFIG),
  ],
  ['post with text', (client) => client.post('/certificates', 'a=1&b=2')],
  [
    'post with data in the config',
    (client) => client.post('/certificates', undefined, { data: { not: 'sent' } }),
  ],
  [
    'post with URLSearchParams',
    (client) =>
      client.post('/x', new URLSearchParams({ a: '1' }), { headers: { Accept: 'text/html' } }),
  ],
  ['put', (client) => client.put('/certificates', Buffer.from('bytes'), CONFIG)],
  ['patch', (client) => client.patch('/certificates', [1, 2, 3], CONFIG)],
  ['postForm', (client) => client.postForm('/files', { name: 'diploma' })],
  ['putForm', (client) => client.putForm('/files', { name: 'diploma' })],
  ['patchForm', (client) => client.patchForm('/files', { name: 'diploma' })],
];

const CALLS_OF_AXIOS: [string, (client: AxiosRef) => Result][] = [
  ['options', (client) => client.options('/certificates', CONFIG)],
  ['query', (client) => client.query('/certificates', { a: 1 }, CONFIG)],
];

// Older versions of Node.js do not know QUERY and reject it.
const KNOWN_TO_NODE = CALLS_OF_AXIOS.filter(([name]) => METHODS.includes(name.toUpperCase()));

let api: StubDokStamp;
let account: TestApp;

beforeAll(async () => {
  api = await stubDokStamp();
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

/** Each request as it arrived, without our headers and with one boundary for all forms. */
function arrived() {
  return apiRequests(api).map(({ method, url, body, headers }) => {
    const boundary = /boundary=(.*)$/.exec(headers['content-type'] ?? '')?.[1] ?? '-';
    const plain = (text = '') => text.replaceAll(boundary, 'boundary');
    const { 'content-type': type, 'x-trace': trace, accept } = headers;
    return { method, url, body: plain(body.toString()), type: plain(type), trace, accept };
  });
}

const bareAxios = () => axios.create({ baseURL: api.url, headers: { Accept: 'application/json' } });

async function settled(result: Result): Promise<void> {
  await ('then' in result ? result : firstValueFrom(result));
}

describe('axiosRef and the service send what axios sends', () => {
  it.each(CALLS)('by %s', async (_, call) => {
    for (const client of [bareAxios(), account.http.axiosRef, account.http]) {
      await settled(call(client));
    }
    const [byAxios, ...ours] = arrived();
    expect(ours).toEqual([byAxios, byAxios]);
  });

  it.each(KNOWN_TO_NODE)('by %s, which only axiosRef has', async (_, call) => {
    for (const client of [bareAxios(), account.http.axiosRef]) await settled(call(client));
    const [byAxios, ...ours] = arrived();
    expect(ours).toEqual([byAxios]);
  });

  it('and leave the data and the config of the caller as they are', async () => {
    const data = { finish: true, none: undefined, list: [1] };
    const config = { ...CONFIG, dokStamp: { tenant: 'mine' } };
    const before = structuredClone([data, config]);
    await account.http.axiosRef.post('/certificates', data, config);
    await firstValueFrom(account.http.post('/certificates', data, config));
    expect([data, config]).toEqual(before);
  });
});

describe("an app's function in the place of request()", () => {
  it('is called for request() and not for get(), as in axios, and may call get()', async () => {
    await using mine = await accountAt(api);
    const { axiosRef } = mine.http;
    const called: unknown[] = [];
    axiosRef.request = ({ url = '' }: AxiosRequestConfig) => {
      called.push(url);
      return axiosRef.get(url);
    };
    await axiosRef.get('/got');
    await axiosRef.request({ url: '/requested' });
    expect(called).toEqual(['/requested']);
    expect(apiRequests(api).map(({ url }) => url)).toEqual(['/got', '/requested']);
  });
});
