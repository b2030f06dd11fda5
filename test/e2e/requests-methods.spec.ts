import { METHODS } from 'node:http';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestApp } from '../support/app.js';
import { accountAt, apiRequests } from '../support/requests.js';
import { type StubServer, stubDokStamp } from '../support/stub-server.js';

const CONFIG = {
  params: { where: { status: 'issued' }, per_page: 2 },
  headers: { 'X-Trace': 'a', 'Content-Type': 'application/json' },
  timeout: 5_000,
};

// Each call as it is written, on whatever has the methods of an axios instance.
const CALLS = {
  'request()': [['request', { url: '/certificates', method: 'DELETE', ...CONFIG }]],
  'get()': [
    ['get', '/certificates'],
    ['get', '/certificates', CONFIG],
    ['get', '/certificates', { ...CONFIG, data: { a: 1 } }],
    ['get', '/certificates', { url: '/elsewhere', method: 'post', baseURL: undefined }],
  ],
  'delete()': [['delete', '/certificates', { data: { a: [1, { b: null }] } }]],
  'head()': [['head', '/certificates', CONFIG]],
  'options()': [['options', '/certificates', CONFIG]],
  'post()': [
    ['post', '/certificates'],
    ['post', '/certificates', { finish: true, none: undefined }, CONFIG],
    ['post', '/certificates', 'a=1&b=2'],
    ['post', '/certificates', undefined, { data: { not: 'sent' } }],
    [
      'post',
      '/certificates',
      new URLSearchParams({ a: '1' }),
      { headers: { Accept: 'text/html' } },
    ],
  ],
  'put()': [['put', '/certificates', Buffer.from('bytes'), CONFIG]],
  'patch()': [['patch', '/certificates', [1, 2, 3], CONFIG]],
  'query()': [['query', '/certificates', { a: 1 }, CONFIG]],
  'postForm()': [['postForm', '/files', { name: 'diploma' }]],
  'putForm()': [['putForm', '/files', { name: 'diploma' }]],
  'patchForm()': [['patchForm', '/files', { name: 'diploma' }]],
} as const satisfies Record<string, readonly (readonly unknown[])[]>;

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

let api: StubServer;
let account: TestApp;

beforeEach(async () => {
  api = await stubDokStamp();
  account = await accountAt(api);
});

afterEach(async () => {
  await account[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

/** What arrived, but for what is ours and what each form makes anew. */
function arrived() {
  return apiRequests(api).map(({ method, url, body, headers }) => {
    const boundary = /boundary=(.*)$/.exec(headers['content-type'] ?? '')?.[1] ?? '-';
    const plain = (text = '') => text.replaceAll(boundary, 'boundary');
    const { 'content-type': type, 'x-trace': trace, accept } = headers;
    return { method, url, body: plain(body.toString()), type: plain(type), trace, accept };
  });
}

// Node.js 20.19 and others refuse a method that they do not know.
const KNOWN = Object.entries(CALLS).filter(
  ([name]) => name !== 'query()' || METHODS.includes('QUERY'),
);

describe.each(KNOWN)('%s', (_, calls: readonly (readonly unknown[])[]) => {
  it.each(calls.map((call) => [call] as const))(
    'sends by axiosRef and by Observable what axios sends: %j',
    async ([method, ...args]) => {
      const plain = axios.create({ baseURL: api.url, headers: { Accept: 'application/json' } });
      const before = structuredCloneOf(args);
      const { axiosRef } = account.http;
      const senders = [plain as unknown as Methods, axiosRef as unknown as Methods];
      for (const sender of senders) await sender[method as string]?.(...args);
      const observables = account.http as unknown as Record<string, (...a: unknown[]) => never>;
      if ((method as string) in observables) {
        await firstValueFrom(observables[method as string]?.(...args) as never);
      }
      const [expected, ...ours] = arrived();
      expect(ours.length).toBe((method as string) in observables ? 2 : 1);
      for (const sent of ours) expect(sent).toEqual(expected);
      expect(structuredCloneOf(args)).toEqual(before);
    },
  );
});

describe('a wrapper that the app puts around request()', () => {
  it("sees request() and not get(), and may call get(), as with axios' own", async () => {
    const { axiosRef } = account.http;
    const wrapped: unknown[] = [];
    axiosRef.request = (config: { url: string }) => {
      wrapped.push(config.url);
      return axiosRef.get(config.url);
    };
    await axiosRef.get('/got');
    await axiosRef.request({ url: '/requested' });
    expect(wrapped).toEqual(['/requested']);
    expect(apiRequests(api).map(({ url }) => url)).toEqual(['/got', '/requested']);
  });
});

// What is compared of the arguments: the objects that axios must not change.
function structuredCloneOf(args: readonly unknown[]): unknown {
  return args.map((arg) =>
    arg instanceof URLSearchParams ? arg.toString() : structuredClone(arg),
  );
}
