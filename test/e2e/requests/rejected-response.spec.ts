import { Agent, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { uncaughtDuring } from '../../support/deferred.js';
import { settleOverTime } from '../../support/settle-over-time.js';
import {
  accountAt,
  apiRequests,
  carriesTokenFrom,
  refuse,
  rejectionOf,
} from '../../support/stub-account.js';
import { type StubDokStamp, json, stubDokStamp } from '../../support/stub-server.js';
import { freezeTime, waitUntil } from '../../support/time.js';

const ADAPTERS = ['http', 'fetch'] as const;
const STREAM = { responseType: 'stream' as const };

/** How many connections of rejected responses have closed. */
let closed: number;

beforeEach(() => {
  freezeTime();
  closed = 0;
});

/** A stub that rejects `token_1` by `answer`, and accepts each later token. */
function rejecting(answer: (response: ServerResponse) => unknown): Promise<StubDokStamp> {
  return stubDokStamp((request, response) => {
    if (carriesTokenFrom(2, request)) return json(response, 200, { data: 'accepted' });
    response.on('close', () => closed++);
    return answer(response);
  });
}

/** A stub that answers API requests before it reads their bodies, and rejects `token_1`. */
function rejectingUnread(): Promise<StubDokStamp> {
  return stubDokStamp(undefined, 43_200, (request, response) => {
    if (request.url === '/oauth/token') return false;
    if (carriesTokenFrom(2, request)) json(response, 200, {});
    else refuse(response);
    return true;
  });
}

function contentOf(data: Readable | ReadableStream<Uint8Array>): Promise<Buffer> {
  return buffer(data);
}

/** Bodies that cannot be read to their end. */
const FLAWED: [string, (response: ServerResponse) => unknown][] = [
  ['is longer than maxContentLength', (response) => response.writeHead(401).end('x'.repeat(5_000))],
  [
    'declares more than maxContentLength',
    (response) => response.writeHead(401, { 'content-length': 5_000 }).end('x'.repeat(5_000)),
  ],
  [
    'breaks off',
    (response) => {
      response.writeHead(401, { 'content-length': '5000' });
      response.write('half', () => response.destroy());
    },
  ],
  [
    'is gzip and breaks off',
    (response) => {
      response.writeHead(401, { 'content-encoding': 'gzip', 'content-length': '5000' });
      response.write(gzipSync('x'.repeat(50_000)).subarray(0, 40), () => response.destroy());
    },
  ],
];

/** A body that begins and never ends. */
const endless = (response: ServerResponse) => response.writeHead(401).write('refu');

describe.each(ADAPTERS)('by %s, a 401 whose body', (adapter) => {
  it.each(FLAWED)('%s is renewed and replayed', async (_, answer) => {
    await using api = await rejecting(answer);
    await using account = await accountAt(api);
    const config = { adapter, maxContentLength: 1_000 };
    expect((await account.http.axiosRef.get('/x', config)).status).toBe(200);
    expect(api.tokenRequests).toBe(2);
  });

  it.each(FLAWED)('%s raises no uncaught error as a stream', async (_, answer) => {
    await using api = await rejecting(answer);
    await using account = await accountAt(api);
    const uncaught = await uncaughtDuring(async () => {
      const config = { ...STREAM, adapter, maxContentLength: 1_000 };
      const { data } = await settleOverTime(account.http.axiosRef.get('/x', config));
      expect(String(await contentOf(data))).toContain('accepted');
      await waitUntil(() => closed === 1, Infinity);
    });
    expect(uncaught).toEqual([]);
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['a limit of the length', { maxContentLength: 1_000 }],
    ['a listener for the progress', { onDownloadProgress: () => {} }],
    ['a timeout', { timeout: 60_000 }],
  ])('never ends holds no socket, watched by %s', async (_, watch) => {
    await using api = await rejecting(endless);
    await using account = await accountAt(api);
    const uncaught = await uncaughtDuring(async () => {
      const config = { ...STREAM, adapter, ...watch };
      const { data } = await settleOverTime(account.http.axiosRef.get('/x', config));
      expect(String(await contentOf(data))).toContain('accepted');
      await waitUntil(() => closed === 1, Infinity);
    });
    expect(uncaught).toEqual([]);
  });

  it('is final reaches the caller byte by byte', async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x00, 0xc3]);
    await using api = await stubDokStamp((_, response) => response.writeHead(401).end(bytes));
    await using account = await accountAt(api);
    for (const config of [{}, { dokStamp: { replay: false } }]) {
      const call = account.http.axiosRef.get('/x', { ...STREAM, adapter, ...config });
      const error = await rejectionOf<{ response: { data: Readable } }>(call);
      expect(await contentOf(error.response.data)).toEqual(bytes);
    }
  });

  it('is final and long is never cut off as if it were whole', async () => {
    await using api = await stubDokStamp((_, response) =>
      response.writeHead(401).end(Buffer.alloc(1_500_000, 'x')),
    );
    await using account = await accountAt(api);
    const call = account.http.axiosRef.get('/x', { ...STREAM, adapter });
    const error = await settleOverTime(rejectionOf<{ response: { data: Readable } }>(call));
    const length = contentOf(error.response.data).then((content) => content.length);
    expect(await length.catch(() => 'failed')).toBeOneOf([1_500_000, 'failed']);
  });
});

describe('a 401 as a stream', () => {
  it('holds no socket of its agent, however many there are at once', async () => {
    await using api = await rejecting((response) =>
      response.writeHead(401).end('x'.repeat(100_000)),
    );
    const httpAgent = new Agent({ maxSockets: 2, keepAlive: true });
    await using account = await accountAt(api, { http: { httpAgent } });
    await account.tokens.getToken();
    const calls = Array.from({ length: 4 }, async () => {
      const { data } = await account.http.axiosRef.get<Readable>('/x', STREAM);
      return String(await contentOf(data));
    });
    const answers = await settleOverTime(Promise.all(calls));
    expect(new Set(answers)).toEqual(new Set([JSON.stringify({ data: 'accepted' })]));
    httpAgent.destroy();
  });

  it('holds no socket of its agent after the caller aborts', async () => {
    await using api = await stubDokStamp((_, response) =>
      response.writeHead(401).write('x'.repeat(500_000)),
    );
    const httpAgent = new Agent({ keepAlive: true });
    await using account = await accountAt(api, { http: { httpAgent } });
    await account.tokens.getToken();
    const uncaught = await uncaughtDuring(async () => {
      const caller = new AbortController();
      const calls = Array.from({ length: 10 }, () =>
        rejectionOf(account.http.axiosRef.get('/x', { ...STREAM, signal: caller.signal })),
      );
      await waitUntil(() => apiRequests(api).length === 10);
      caller.abort();
      await Promise.all(calls);
      await waitUntil(() => Object.values(httpAgent.sockets).flat().length === 0, Infinity);
    });
    expect(uncaught).toEqual([]);
    httpAgent.destroy();
  });
});

/** An upload that has data for as long as it is read. */
function endlessUpload(): Readable {
  return new Readable({
    read() {
      setImmediate(() => this.push('PDF'.repeat(10_000)));
    },
  });
}

describe('a 401 before the upload is read', () => {
  it('frees all sockets of the agent for the renewal and the replays', async () => {
    await using api = await rejectingUnread();
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 2 });
    await using account = await accountAt(api, { http: { httpAgent } });
    await account.tokens.getToken();
    const uncaught = await uncaughtDuring(async () => {
      const config = { dokStamp: { body: endlessUpload } };
      const calls = [1, 2].map(() => account.http.axiosRef.post('/x', undefined, config));
      const answers = await settleOverTime(Promise.all(calls));
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    });
    expect(uncaught).toEqual([]);
    httpAgent.destroy();
  });

  it.each(ADAPTERS)("ends the caller's stream, by %s", async (adapter) => {
    await using api = await rejectingUnread();
    await using account = await accountAt(api);
    const uncaught = await uncaughtDuring(async () => {
      const upload = endlessUpload();
      const call = account.http.axiosRef.post('/x', upload, { adapter });
      expect(await settleOverTime(rejectionOf(call))).toMatchObject({
        status: 401,
        cause: { code: 'body_not_replayable' },
      });
      expect(upload.destroyed).toBe(true);
    });
    expect(uncaught).toEqual([]);
  });
});

describe('a 401 to a request that was sent completely', () => {
  it.each([
    ['http', 1],
    // fetch opens a second connection, refused or not.
    ['fetch', 2],
  ])('keeps its connection, by %s', async (adapter, connections) => {
    const ports = new Set<number | undefined>();
    await using api = await stubDokStamp((request, response) => {
      ports.add(response.socket?.remotePort);
      if (carriesTokenFrom(2, request)) json(response, 200, {});
      else refuse(response);
    });
    const httpAgent = new Agent({ keepAlive: true });
    await using account = await accountAt(api, { http: { httpAgent } });
    await account.tokens.getToken();
    for (let calls = 0; calls < 3; calls++) {
      await account.http.axiosRef.post('/x', { a: 1 }, { adapter, timeout: 60_000 });
    }
    expect(apiRequests(api)).toHaveLength(4);
    expect(ports.size).toBe(connections);
    httpAgent.destroy();
  });
});
