import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import axiosRetry from 'axios-retry';
import LegacyFormData from 'form-data';
import { describe, expect, it } from 'vitest';
import { partsOf } from '../../support/multipart.js';
import {
  UNAUTHENTICATED,
  acceptingFrom,
  accountAt,
  apiRequests,
  carriesTokenFrom,
  inTurn,
  refuse,
  rejectionOf,
} from '../../support/stub-account.js';
import { type StubDokStamp, stubDokStamp } from '../../support/stub-server.js';
import { advance, freezeTime, waitUntil } from '../../support/time.js';

const bodiesOf = (api: StubDokStamp) => apiRequests(api).map(({ body }) => body.toString());
const formsOf = (api: StubDokStamp) => Promise.all(apiRequests(api).map(partsOf));

describe('a body is sent again byte for byte:', () => {
  it.each([
    ['JSON', { name: 'Ána', nested: [1, { a: null }] }],
    ['a string', 'plain'],
    ['a buffer', Buffer.from([0, 255, 1])],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['an ArrayBuffer', new Uint8Array([4, 5, 6]).buffer],
    ['URLSearchParams', new URLSearchParams({ a: 'b c', d: 'é' })],
    ['a Blob', new Blob(['blob'], { type: 'text/x' })],
    ['a buffer of 1 MB', Buffer.alloc(1_000_000, 'ab')],
    ['nothing', undefined],
  ])('%s', async (_, data) => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    await account.http.axiosRef.post('/x?a=1', data, {
      params: { where: { b: 2 } },
      headers: { 'Idempotency-Key': 'k' },
    });
    const [first, second, ...rest] = apiRequests(api);
    expect(rest).toEqual([]);
    expect(second?.body.equals(first?.body ?? Buffer.alloc(1))).toBe(true);
    expect(first?.body.length).toBeGreaterThanOrEqual(data === undefined ? 0 : 3);
    const authorization = first?.headers.authorization;
    expect({ ...second?.headers, authorization }).toEqual(first?.headers);
    expect(second).toMatchObject({
      method: 'POST',
      url: '/x?a=1&where%5Bb%5D=2',
      headers: { 'idempotency-key': 'k', 'x-tenant': 'my-university' },
    });
  });

  it('the result of transformRequest, which runs once', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const transformRequest = (data: string) => `<${data}>`;
    await account.http.axiosRef.post('/x', 'once', { transformRequest });
    expect(bodiesOf(api)).toEqual(['<once>', '<once>']);
  });

  it('one that the server rejects before it has read it, and closes the connection', async () => {
    await using api = await stubDokStamp(undefined, 43_200, (request, response) => {
      if (request.headers.authorization !== 'Bearer token_1') return false;
      refuse(response, { connection: 'close' });
      return true;
    });
    await using account = await accountAt(api);
    // Longer than what the sockets buffer.
    const body = Buffer.alloc(20_000_000);
    expect((await account.http.axiosRef.post('/x', body)).status).toBe(200);
    expect(apiRequests(api).map((request) => request.body.length)).toEqual([body.length]);
  });
});

describe('a form is sent again with the same parts:', () => {
  const expected = [
    ['files[]', '%PDF-1'],
    ['note', 'é'],
  ];

  it('FormData', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const form = new FormData();
    form.append('files[]', new Blob(['%PDF-1'], { type: 'application/pdf' }), 'a.pdf');
    form.append('note', 'é');
    await account.http.axiosRef.post('/files', form);
    expect(await formsOf(api)).toEqual([expected, expected]);
  });

  it('one that postForm makes of plain data', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const data = { 'files[]': [Buffer.from('%PDF-1')], note: 'é' };
    await account.http.axiosRef.postForm('/files', data);
    expect(await formsOf(api)).toEqual([expected, expected]);
  });

  it('one that postForm makes, also by axios-retry after 503 and then after a 401', async () => {
    await using api = await stubDokStamp(inTurn(503, 401));
    await using account = await accountAt(api);
    axiosRetry(account.http.axiosRef, { retries: 1, retryCondition: () => true });
    const data = { 'files[]': [Buffer.from('%PDF-1')], note: 'é' };
    expect((await account.http.axiosRef.postForm('/files', data)).status).toBe(200);
    expect(await formsOf(api)).toEqual([expected, expected, expected]);
  });
});

async function* asyncIterable() {
  yield Buffer.from('abc');
}

function legacyForm(): LegacyFormData {
  const form = new LegacyFormData();
  form.append('files[]', Readable.from(['%PDF-1']), { filename: 'a.pdf' });
  return form;
}

describe('a stream is not sent again, and the 401 has the cause body_not_replayable:', () => {
  it.each<[string, () => unknown]>([
    ['a stream of Node', () => Readable.from(['abc'])],
    ['a stream of the web', () => new Blob(['abc']).stream()],
    ['an async iterable', asyncIterable],
    ['a form of form-data', legacyForm],
  ])('%s', async (_, make) => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    const error = await rejectionOf<{ config: object }>(axiosRef.post('/x', make()));
    expect(error).toMatchObject({
      isAxiosError: true,
      response: { status: 401, data: UNAUTHENTICATED },
      cause: { code: 'body_not_replayable', message: expect.stringContaining('dokStamp.body') },
    });
    expect(apiRequests(api)).toHaveLength(1);
    // The token is renewed for the next call.
    expect(api.tokenRequests).toBe(2);
    await expect(axiosRef.request(error.config)).rejects.toThrow();
    expect(apiRequests(api)).toHaveLength(1);
  });

  it('a part of a form that postForm makes', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const form = { file: Readable.from(['%PDF-1']), note: 'é' };
    const error = await rejectionOf(account.http.axiosRef.postForm('/files', form));
    expect(error).toMatchObject({
      response: { status: 401 },
      cause: { code: 'body_not_replayable' },
    });
    expect(apiRequests(api)).toHaveLength(1);
    expect(api.tokenRequests).toBe(2);
  });
});

describe('the answer to a replay', () => {
  it.each([
    ['json', { data: 'accepted' }],
    ['text', '{"data":"accepted"}'],
  ] as const)('keeps responseType %s', async (responseType, data) => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    expect((await account.http.axiosRef.get('/x', { responseType })).data).toEqual(data);
  });

  it('keeps responseType stream', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const { data } = await account.http.axiosRef.get<Readable>('/x', { responseType: 'stream' });
    expect(await text(data)).toBe('{"data":"accepted"}');
  });

  it('keeps responseType arraybuffer', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const config = { responseType: 'arraybuffer' } as const;
    const { data } = await account.http.axiosRef.get<Buffer>('/x', config);
    expect(data.toString()).toBe('{"data":"accepted"}');
  });

  it('keeps the callback for the progress', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const progress: number[] = [];
    await account.http.axiosRef.post('/x', Buffer.alloc(1_000), {
      onUploadProgress: ({ loaded }) => progress.push(loaded),
    });
    expect(apiRequests(api)).toHaveLength(2);
    expect(progress.filter((loaded) => loaded === 1_000).length).toBeGreaterThan(0);
  });

  it('keeps the timeout', async () => {
    freezeTime();
    await using api = await stubDokStamp((request, response) => {
      if (!carriesTokenFrom(2, request)) refuse(response);
    });
    await using account = await accountAt(api);
    const config = { adapter: 'fetch', timeout: 5_000 };
    const failure = rejectionOf(account.http.axiosRef.get('/x', config));
    await waitUntil(() => apiRequests(api).length === 2, Infinity);
    await advance(5_000);
    expect(await failure).toMatchObject({
      isAxiosError: true,
      message: expect.stringContaining('timeout'),
    });
  });
});
