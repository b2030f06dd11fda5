import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import axiosRetry from 'axios-retry';
import LegacyFormData from 'form-data';
import { describe, expect, it, vi } from 'vitest';
import { bootAccount } from '../support/app.js';
import { type SeenRequest, json, stubDokStamp } from '../support/stub-server.js';

type Stub = Awaited<ReturnType<typeof stubDokStamp>>;

const account = (stub: Stub) =>
  bootAccount({
    baseURL: stub.url,
    clientId: 'id',
    clientSecret: 'secret-1',
    startup: 'lazy',
    tenant: 'uni',
  });

let spent: Readable;

/** Refuses token_1, so that each call is sent twice. */
const refusingOnce = () =>
  stubDokStamp(({ headers }, response) =>
    json(response, headers.authorization === 'Bearer token_1' ? 401 : 200, { message: 'x' }),
  );

const apiRequests = (stub: Stub) => stub.seen.filter(({ url }) => url !== '/oauth/token');

async function partsOf({ body, headers }: SeenRequest) {
  const form = await new Response(new Uint8Array(body), { headers: headers as never }).formData();
  return Promise.all(
    [...form].map(async ([name, value]) => [
      name,
      typeof value === 'string' ? value : await value.text(),
    ]),
  );
}

describe('bodies that are sent again byte for byte', () => {
  it.each([
    ['JSON', { name: 'Ána', nested: [1, { a: null }] }],
    ['a string', 'plain'],
    ['a buffer', Buffer.from([0, 255, 1])],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['an ArrayBuffer', new Uint8Array([4, 5, 6]).buffer],
    ['URLSearchParams', new URLSearchParams({ a: 'b c', d: 'é' })],
    ['a Blob', new Blob(['blob'], { type: 'text/x' })],
    ['a buffer of 20 MB', Buffer.alloc(20_000_000, 'ab')],
    ['nothing', undefined],
  ])('%s', async (_, data) => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    await app.http.axiosRef.post('/x?a=1', data, {
      params: { where: { b: 2 } },
      headers: { 'Idempotency-Key': 'k' },
    });
    const [first, second, ...rest] = apiRequests(stub);
    expect(rest).toEqual([]);
    expect(first?.body.equals(second?.body ?? Buffer.alloc(1))).toBe(true);
    expect(first?.body.length).toBeGreaterThanOrEqual(data === undefined ? 0 : 3);
    expect({ ...second?.headers, authorization: '' }).toEqual({
      ...first?.headers,
      authorization: '',
    });
    expect(second).toMatchObject({
      method: 'POST',
      url: '/x?a=1&where%5Bb%5D=2',
      headers: { 'idempotency-key': 'k' },
    });
  });

  it('FormData, with the same parts', async () => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    const form = new FormData();
    form.append('files[]', new Blob(['%PDF-1'], { type: 'application/pdf' }), 'a.pdf');
    form.append('note', 'hello');
    await app.http.axiosRef.post('/files', form);
    const [first, second] = await Promise.all(apiRequests(stub).map(partsOf));
    expect(first).toEqual([
      ['files[]', '%PDF-1'],
      ['note', 'hello'],
    ]);
    expect(second).toEqual(first);
  });

  it('whatever transformRequest made of it, which runs once per body', async () => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    const transformRequest = (data: string) => `<${data}>`;
    await app.http.axiosRef.post('/x', 'once', { transformRequest });
    expect(apiRequests(stub).map(({ body }) => body.toString())).toEqual(['<once>', '<once>']);
  });

  it('also when the server answers 401 before it has read the body, and closes', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      if (request.url === '/oauth/token') {
        return json(response, 200, {
          token_type: 'Bearer',
          expires_in: 60,
          access_token: `token_${++requests}`,
        });
      }
      if (request.headers.authorization !== 'Bearer token_1') {
        return request.resume().on('end', () => json(response, 200, {}));
      }
      response.writeHead(401, { connection: 'close', 'content-type': 'application/json' });
      return response.end('{}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await using app = await bootAccount({
      baseURL: `http://127.0.0.1:${port}`,
      clientId: 'id',
      clientSecret: 'secret-1',
      tenant: 'uni',
      startup: 'lazy',
    });
    const { status } = await app.http.axiosRef.post('/x', Buffer.alloc(20_000_000));
    expect(status).toBe(200);
    server.closeAllConnections();
    server.close();
  });
});

const legacyForm = () => {
  const form = new LegacyFormData();
  form.append('files[]', Readable.from(['%PDF-1']), { filename: 'a.pdf' });
  return form;
};

describe('a stream', () => {
  it.each([
    ['of Node', () => Readable.from(['abc'])],
    ['of the web', () => new Blob(['abc']).stream()],
    [
      'that is an async iterable',
      async function* () {
        yield Buffer.from('abc');
      },
    ],
    ['of form-data', legacyForm],
  ])(
    '%s is not sent again: the token is renewed, and the 401 has the cause body_not_replayable',
    async (_, make) => {
      await using stub = await refusingOnce();
      await using app = await account(stub);
      const error: unknown = await app.http.axiosRef
        .post('/x', make())
        .catch((failure: unknown) => failure);
      expect(error).toMatchObject({
        isAxiosError: true,
        response: { status: 401, data: { message: 'x' } },
        cause: { code: 'body_not_replayable', message: expect.stringContaining('dokStamp.body') },
      });
      expect(apiRequests(stub)).toHaveLength(1);
      expect(stub.tokenRequests).toBe(2);
      const { config } = error as { config: object };
      await expect(app.http.axiosRef.request(config)).rejects.toThrow();
    },
  );

  it('is made anew by dokStamp.body, for each send', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'upload-'));
    const path = join(folder, 'diploma.pdf');
    await writeFile(path, '%PDF-1.4 of disk');
    await using stub = await refusingOnce();
    await using app = await account(stub);
    const body = () => {
      const form = new LegacyFormData();
      form.append('files[]', createReadStream(path));
      return form;
    };
    await app.http.axiosRef.post('/files', undefined, { dokStamp: { body } });
    const [first, second] = await Promise.all(apiRequests(stub).map(partsOf));
    expect(first).toEqual([['files[]', '%PDF-1.4 of disk']]);
    expect(second).toEqual(first);
    await rm(folder, { recursive: true });
  });

  it('made anew goes through transformRequest as often as it is made', async () => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    let made = 0;
    await app.http.axiosRef.post('/x', undefined, { dokStamp: { body: () => ({ made: ++made }) } });
    expect(apiRequests(stub).map(({ body }) => body.toString())).toEqual([
      '{"made":1}',
      '{"made":2}',
    ]);
  });
});

describe('the answer to a replay', () => {
  it.each([
    ['json', { message: 'x' }],
    ['text', '{"message":"x"}'],
  ] as const)('keeps responseType %s', async (responseType, data) => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    expect((await app.http.axiosRef.get('/x', { responseType })).data).toEqual(data);
  });

  it('keeps responseType arraybuffer and stream', async () => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    const stream = await app.http.axiosRef.get<Readable>('/x', { responseType: 'stream' });
    expect(await text(stream.data)).toBe('{"message":"x"}');
    const bytes = await app.http.axiosRef.get<Buffer>('/x', { responseType: 'arraybuffer' });
    expect(bytes.data.toString()).toBe('{"message":"x"}');
  });

  it('keeps progress callbacks and timeout', async () => {
    await using stub = await stubDokStamp(({ headers }, response) => {
      if (headers.authorization === 'Bearer token_1') json(response, 401, {});
    });
    await using app = await account(stub);
    const progress: number[] = [];
    const call = app.http.axiosRef.post('/x', Buffer.alloc(100_000), {
      timeout: 300,
      onUploadProgress: ({ loaded }) => progress.push(loaded),
    });
    await expect(call).rejects.toMatchObject({
      code: 'ECONNABORTED',
      message: expect.stringContaining('300ms'),
    });
    expect(apiRequests(stub)).toHaveLength(2);
    expect(progress.at(-1)).toBe(100_000);
  });
});

describe('what axios makes of plain data', () => {
  it('is made again: postForm with buffers', async () => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    await app.http.axiosRef.postForm('/files', { 'files[]': [Buffer.from('%PDF-1')], note: 'é' });
    const [first, second] = await Promise.all(apiRequests(stub).map(partsOf));
    expect(first).toEqual([
      ['files[]', '%PDF-1'],
      ['note', 'é'],
    ]);
    expect(second).toEqual(first);
  });
});

describe('a form that axios makes of plain data', () => {
  it('is made anew where axios-retry sends it again after 503, also after a 401', async () => {
    let nth = 0;
    await using stub = await stubDokStamp((_, response) =>
      json(response, ++nth === 1 ? 503 : nth === 2 ? 401 : 200, {}),
    );
    await using app = await account(stub);
    axiosRetry(app.http.axiosRef, { retries: 1, retryCondition: () => true });
    const files = { 'files[]': [Buffer.from('%PDF-1')], note: 'é' };
    expect((await app.http.axiosRef.postForm('/files', files)).status).toBe(200);
    const [first, ...others] = await Promise.all(apiRequests(stub).map(partsOf));
    expect(first).toEqual([
      ['files[]', '%PDF-1'],
      ['note', 'é'],
    ]);
    expect(others).toEqual([first, first]);
  });

  it('is not sent again where one of its parts is a stream, which is spent', async () => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    const form = { file: Readable.from(['%PDF-1']), note: 'é' };
    await expect(app.http.axiosRef.postForm('/files', form)).rejects.toMatchObject({
      response: { status: 401 },
      cause: { code: 'body_not_replayable' },
    });
    expect(apiRequests(stub)).toHaveLength(1);
    expect(stub.tokenRequests).toBe(2);
  });
});

describe('dokStamp.body', () => {
  it.each<[string, () => unknown, string]>([
    ['JSON', () => ({ a: 1 }), '{"a":1}'],
    ['URLSearchParams', () => new URLSearchParams({ a: '1' }), 'a=1'],
    ['a stream', () => Readable.from(['a1']), 'a1'],
  ])('that makes %s is sent anew by axios-retry after 503', async (_, body, sent) => {
    let nth = 0;
    await using stub = await stubDokStamp((__, response) =>
      json(response, ++nth === 1 ? 503 : nth === 2 ? 401 : 200, {}),
    );
    await using app = await account(stub);
    axiosRetry(app.http.axiosRef, { retries: 1, retryCondition: () => true });
    const { status } = await app.http.axiosRef.put('/x', undefined, { dokStamp: { body } });
    expect(status).toBe(200);
    const requests = apiRequests(stub);
    expect(requests.map((request) => request.body.toString())).toEqual([sent, sent, sent]);
    const types = requests.map(({ headers }) => headers['content-type']);
    expect(new Set(types).size).toBe(1);
  });

  it('has its own length each time, also where axios-retry sends it again', async () => {
    let nth = 0;
    await using stub = await stubDokStamp((_, response) =>
      json(response, ++nth < 3 ? 503 : 200, {}),
    );
    await using app = await account(stub);
    axiosRetry(app.http.axiosRef, { retries: 2, retryCondition: () => true });
    let made = 0;
    const body = () => 'x'.repeat(10 * ++made);
    await app.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    expect(apiRequests(stub).map((request) => request.body.length)).toEqual([10, 20, 30]);
  });

  it.each<[string, (made: number) => unknown]>([
    ['throws', () => Promise.reject(new Error('no such file'))],
    ['gives a stream that is spent', () => spent],
  ])(
    'that %s at the replay leaves the 401, with the cause body_not_replayable',
    async (_, second) => {
      await using stub = await refusingOnce();
      await using app = await account(stub);
      let made = 0;
      const body = () => (++made === 1 ? spent : second(made));
      spent = Readable.from(['%PDF-1']);
      const call = app.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
      await expect(call).rejects.toMatchObject({
        response: { status: 401, data: { message: 'x' } },
        cause: { code: 'body_not_replayable', retryable: true },
      });
      expect(apiRequests(stub)).toHaveLength(1);
    },
  );

  it('that never gives one ends with its caller', async () => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    const caller = new AbortController();
    const body = () => {
      setImmediate(() => caller.abort());
      return new Promise(() => {});
    };
    const { signal } = caller;
    const call = app.http.axiosRef.post('/x', undefined, { signal, dokStamp: { body } });
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    expect(apiRequests(stub)).toEqual([]);
  });

  it('whose stream comes when its caller has left is let go', async () => {
    await using stub = await stubDokStamp();
    await using app = await account(stub);
    const caller = new AbortController();
    const late = Readable.from(['%PDF-1']);
    const body = async () => {
      caller.abort();
      await new Promise((resolve) => setImmediate(resolve));
      return late;
    };
    const { signal } = caller;
    const call = app.http.axiosRef.post('/x', undefined, { signal, dokStamp: { body } });
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    await vi.waitFor(() => expect(late.destroyed).toBe(true));
  });

  it('may be async', async () => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    const body = async () => ({ made: 'later' });
    await app.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    expect(apiRequests(stub).map((request) => request.body.toString())).toEqual([
      '{"made":"later"}',
      '{"made":"later"}',
    ]);
  });

  it('that throws rejects the call with what it threw', async () => {
    await using stub = await stubDokStamp();
    await using app = await account(stub);
    const body = () => {
      throw new Error('no such file');
    };
    const call = app.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    await expect(call).rejects.toThrow('no such file');
  });
});

describe('a config that a host interceptor has spread', () => {
  it('works, with headers that are a plain object', async () => {
    await using stub = await refusingOnce();
    await using app = await account(stub);
    app.http.axiosRef.interceptors.request.use((config) => ({
      ...config,
      headers: Object.assign({}, config.headers, { 'X-Mine': '1' }),
    }));
    const body = () => Readable.from(['a1']);
    await app.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    for (const { headers } of apiRequests(stub)) {
      expect(headers).toMatchObject({ 'x-mine': '1', 'x-tenant': 'uni' });
    }
  });
});
