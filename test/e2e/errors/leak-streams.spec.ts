import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { AxiosError, AxiosInstance } from 'axios';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/app.js';
import { leaksIn, viewsOf } from '../../support/leaks.js';
import { accountAt, rejectionOf } from '../../support/stub-account.js';
import { type StubDokStamp, stubDokStamp } from '../../support/stub-server.js';

const LENGTH = 201_000;

let api: StubDokStamp;
let account: TestApp;
let axiosRef: AxiosInstance;

beforeAll(async () => {
  api = await stubDokStamp(({ url }, response) => {
    response.writeHead(url === '/accepted' ? 200 : 500);
    response.write('x'.repeat(1_000), () => response.end('x'.repeat(LENGTH - 1_000)));
  });
  account = await accountAt(api);
  ({ axiosRef } = account.http);
});

afterAll(async () => {
  await account[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

function expectNoLeak(error: unknown): void {
  expect(leaksIn(viewsOf(error), ['Bearer', 'token_1'])).toEqual([]);
}

const contentOf = (data: unknown) => text(data as Readable | ReadableStream<Uint8Array>);

describe.each(['http', 'fetch'])('by %s, a streamed answer', (adapter) => {
  const config = { adapter, responseType: 'stream' } as const;
  const limited = { ...config, maxContentLength: 50_000 };

  it('that is longer than maxContentLength fails without the token', async () => {
    const { data } = await axiosRef.get('/accepted', limited);
    const error = await rejectionOf(contentOf(data));
    expect(error).toMatchObject({ isAxiosError: true, code: 'ERR_BAD_RESPONSE' });
    expectNoLeak(error);
  });

  it('that is refused and longer than maxContentLength fails without the token', async () => {
    const refused = await rejectionOf<AxiosError>(axiosRef.get('/refused', limited));
    expectNoLeak(refused);
    const error = await rejectionOf(contentOf(refused.response?.data));
    expect(error).toMatchObject({ isAxiosError: true, code: 'ERR_BAD_RESPONSE' });
    expectNoLeak(error);
  });

  it('that is as long as maxContentLength is read to its end', async () => {
    const { data } = await axiosRef.get('/accepted', { ...config, maxContentLength: LENGTH });
    expect(await contentOf(data)).toHaveLength(LENGTH);
  });
});

describe('a streamed answer of fetch', () => {
  const config = { adapter: 'fetch', responseType: 'stream' } as const;

  it('can be cancelled', async () => {
    const limited = { ...config, maxContentLength: LENGTH };
    const { data } = await axiosRef.get<ReadableStream>('/accepted', limited);
    await expect(data.cancel('enough')).resolves.toBeUndefined();
  });

  it('is a stream of bytes if its length is not limited', async () => {
    const { data } = await axiosRef.get<ReadableStream>('/accepted', config);
    const reader = data.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(4));
    expect(String(Buffer.from(value ?? []))).toBe('xxxx');
    await reader.cancel();
  });
});
