import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import axiosRetry from 'axios-retry';
import LegacyFormData from 'form-data';
import { describe, expect, it, vi } from 'vitest';
import { partsOf } from '../../support/multipart.js';
import {
  UNAUTHENTICATED,
  acceptingFrom,
  accountAt,
  apiRequests,
  inTurn,
  rejectionOf,
} from '../../support/stub-account.js';
import { type StubDokStamp, json, stubDokStamp } from '../../support/stub-server.js';
import { waitUntil } from '../../support/time.js';

const bodiesOf = (api: StubDokStamp) => apiRequests(api).map(({ body }) => body.toString());

describe('dokStamp.body', () => {
  it('makes the body again for each send', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    let made = 0;
    const body = () => ({ made: ++made });
    await account.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    expect(bodiesOf(api)).toEqual(['{"made":1}', '{"made":2}']);
  });

  it('may be async', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const body = async () => ({ made: 'later' });
    await account.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    expect(bodiesOf(api)).toEqual(['{"made":"later"}', '{"made":"later"}']);
  });

  it('may open a file for each send', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'upload-'));
    const path = join(folder, 'diploma.pdf');
    await writeFile(path, '%PDF-1.4 of disk');
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const body = () => {
      const form = new LegacyFormData();
      form.append('files[]', createReadStream(path));
      return form;
    };
    await account.http.axiosRef.post('/files', undefined, { dokStamp: { body } });
    const expected = [['files[]', '%PDF-1.4 of disk']];
    expect(await Promise.all(apiRequests(api).map(partsOf))).toEqual([expected, expected]);
    await rm(folder, { recursive: true });
  });

  it('is sent with all headers of the first send, and its own length', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    let made = 0;
    const body = () => 'x'.repeat(10 * ++made);
    const headers = { 'Idempotency-Key': 'k' };
    await account.http.axiosRef.post('/files', undefined, { headers, dokStamp: { body } });
    const [first, second] = apiRequests(api).map((request) => request.headers);
    expect([first?.['content-length'], second?.['content-length']]).toEqual(['10', '20']);
    expect(second).toMatchObject({ 'x-tenant': 'my-university', 'idempotency-key': 'k' });
    const { authorization, 'content-length': length } = first ?? {};
    expect({ ...second, authorization, 'content-length': length }).toEqual(first);
  });

  it.each<[string, () => unknown, string]>([
    ['JSON', () => ({ a: 1 }), '{"a":1}'],
    ['URLSearchParams', () => new URLSearchParams({ a: '1' }), 'a=1'],
    ['a stream', () => Readable.from(['a1']), 'a1'],
  ])('makes %s again also for axios-retry after 503, and then for a 401', async (_, body, sent) => {
    await using api = await stubDokStamp(inTurn(503, 401));
    await using account = await accountAt(api);
    axiosRetry(account.http.axiosRef, { retries: 1, retryCondition: () => true });
    const config = { dokStamp: { body } };
    expect((await account.http.axiosRef.put('/x', undefined, config)).status).toBe(200);
    expect(bodiesOf(api)).toEqual([sent, sent, sent]);
    const types = apiRequests(api).map(({ headers }) => headers['content-type']);
    expect(new Set(types).size).toBe(1);
  });

  it('gives the body its own length also for axios-retry', async () => {
    await using api = await stubDokStamp(inTurn(503, 503));
    await using account = await accountAt(api);
    axiosRetry(account.http.axiosRef, { retries: 2, retryCondition: () => true });
    let made = 0;
    const body = () => 'x'.repeat(10 * ++made);
    await account.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    expect(bodiesOf(api).map(({ length }) => length)).toEqual([10, 20, 30]);
  });

  it('works if a host interceptor copies the config, with the headers as a plain object', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    account.http.axiosRef.interceptors.request.use((config) => ({
      ...config,
      headers: Object.assign({}, config.headers, { 'X-Mine': '1' }),
    }));
    const body = () => Readable.from(['a1']);
    await account.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    expect(bodiesOf(api)).toEqual(['a1', 'a1']);
    for (const { headers } of apiRequests(api)) {
      expect(headers).toMatchObject({ 'x-mine': '1', 'x-tenant': 'my-university' });
    }
  });

  it('is not called while no token is available', async () => {
    await using api = await stubDokStamp();
    api.tokenEndpoint = (_, response) => json(response, 400, {});
    await using account = await accountAt(api);
    const body = vi.fn(() => 'x');
    await rejectionOf(account.http.axiosRef.post('/x', undefined, { dokStamp: { body } }));
    expect(body).not.toHaveBeenCalled();
  });
});

describe('if dokStamp.body fails', () => {
  it('for the first send, the call rejects with its error', async () => {
    await using api = await stubDokStamp();
    await using account = await accountAt(api);
    const failure = new Error('no such file');
    const body = () => {
      throw failure;
    };
    const call = account.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    expect(await rejectionOf(call)).toBe(failure);
    expect(apiRequests(api)).toEqual([]);
  });

  it.each<[string, (used: Readable) => unknown]>([
    ['because it throws', () => Promise.reject(new Error('no such file'))],
    ['because its stream is used', (used) => used],
  ])('for the replay %s, the 401 has the cause body_not_replayable', async (_, again) => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    const stream = Readable.from(['%PDF-1']);
    let made = 0;
    const body = () => (++made === 1 ? stream : again(stream));
    const call = account.http.axiosRef.post('/x', undefined, { dokStamp: { body } });
    expect(await rejectionOf(call)).toMatchObject({
      response: { status: 401, data: UNAUTHENTICATED },
      cause: { code: 'body_not_replayable', retryable: true },
    });
    expect(apiRequests(api)).toHaveLength(1);
  });
});

describe('a call whose dokStamp.body does not settle', () => {
  it('ends if the caller aborts', async () => {
    await using api = await stubDokStamp();
    await using account = await accountAt(api);
    const caller = new AbortController();
    const body = () => {
      setImmediate(() => caller.abort());
      return new Promise(() => {});
    };
    const { signal } = caller;
    const call = account.http.axiosRef.post('/x', undefined, { signal, dokStamp: { body } });
    expect(await rejectionOf(call)).toMatchObject({ code: 'ERR_CANCELED' });
    expect(apiRequests(api)).toEqual([]);
  });

  it('destroys a stream that is made after the caller has aborted', async () => {
    await using api = await stubDokStamp();
    await using account = await accountAt(api);
    const caller = new AbortController();
    const late = Readable.from(['%PDF-1']);
    const body = async () => {
      caller.abort();
      await new Promise((resolve) => setImmediate(resolve));
      return late;
    };
    const { signal } = caller;
    const call = account.http.axiosRef.post('/x', undefined, { signal, dokStamp: { body } });
    expect(await rejectionOf(call)).toMatchObject({ code: 'ERR_CANCELED' });
    await waitUntil(() => late.destroyed);
  });
});

describe('a stream that dokStamp.body makes', () => {
  it.each([
    ['rejected with 401, and sent again by the library', 401],
    ['refused with 503, and sent again by axios-retry', 503],
  ])('is destroyed if it is %s before it is read', async (_, status) => {
    let isFirst = true;
    await using api = await stubDokStamp(undefined, 43_200, ({ url }, response) => {
      if (url === '/oauth/token' || !isFirst) return false;
      isFirst = false;
      json(response, status, {}, { connection: 'close' });
      return true;
    });
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    axiosRetry(axiosRef, { retries: 1, retryCondition: () => true });
    const made: Readable[] = [];
    const body = () => {
      made.push(Readable.from(Array(100).fill(Buffer.alloc(100_000))));
      return made.at(-1);
    };
    const config = { maxRedirects: 0, dokStamp: { body } };
    expect((await axiosRef.post('/files', undefined, config)).status).toBe(200);
    expect(made.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });
});
