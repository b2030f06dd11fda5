import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DokStampError,
  type DokStampHttpService,
  DokStampModule,
  type TokenService,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../lib/index.js';
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
import { type SeenRequest, json, stubDokStamp, stubServer } from '../support/stub-server.js';
import { pass, stopTime } from '../support/token-harness.js';

const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);

beforeEach(() => {
  uncaught.length = 0;
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
});

afterEach(() => {
  process.off('uncaughtException', note);
  process.off('unhandledRejection', note);
  vi.restoreAllMocks();
  vi.useRealTimers();
  Logger.overrideLogger(false);
});

const byTenant = ({ headers }: SeenRequest, response: Parameters<typeof refuse>[0]) =>
  headers['x-tenant'] === 'wrong' ? refuse(response) : json(response, 200, { data: [] });

const WRONG = { dokStamp: { tenant: 'wrong' } };

/** A DokStamp whose token endpoint goes down after the first token. */
async function withoutTokenEndpoint(api: (request: SeenRequest, response: never) => unknown) {
  let tokenRequests = 0;
  return stubServer((request, response) => {
    if (request.url !== '/oauth/token') return api(request, response as never);
    if (++tokenRequests > 1) return json(response, 503, {});
    return json(response, 200, {
      token_type: 'Bearer',
      expires_in: 43_200,
      access_token: 'token_1',
    });
  });
}

describe('while the token endpoint is down', () => {
  it('a call with a wrong tenant costs nobody else a call', async () => {
    await using server = await withoutTokenEndpoint(byTenant);
    await using account = await accountAt(server);
    const { axiosRef } = account.http;
    await axiosRef.get('/x');
    for (let round = 0; round < 5; round++) {
      const error = await rejectionOf<DokStampError>(axiosRef.get('/x', WRONG));
      expect(error).toMatchObject({
        code: 'token_request_failed',
        cause: { response: { status: 401 } },
      });
      expect((await axiosRef.get('/x')).status).toBe(200);
    }
    expect(account.tokens.status.state).toBe('valid');
  });

  it('a refused token is sent until three answers in a row with it were 401; then calls reject at once', async () => {
    let alive = true;
    await using server = await withoutTokenEndpoint((_, response) =>
      alive ? json(response, 200, {}) : refuse(response),
    );
    await using account = await accountAt(server);
    const { axiosRef } = account.http;
    await axiosRef.get('/x');
    alive = false;
    for (let round = 0; round < 6; round++) {
      expect(await rejectionOf(axiosRef.get('/x'))).toMatchObject({ code: 'token_request_failed' });
    }
    expect(apiRequests(server)).toHaveLength(4);
    expect(account.tokens.status.state).toBe('blocked');
  });

  it('an accepted answer starts the count of refusals anew', async () => {
    await using server = await withoutTokenEndpoint(byTenant);
    await using account = await accountAt(server);
    const { axiosRef } = account.http;
    await axiosRef.get('/x');
    for (const tenant of ['wrong', 'wrong', 'my-university', 'wrong', 'wrong', 'my-university']) {
      await axiosRef.get('/x', { dokStamp: { tenant } }).catch(() => {});
    }
    expect(account.tokens.status.state).toBe('valid');
  });
});

describe('an endpoint that always answers 401 beside a healthy one', () => {
  it.each<[string, object, () => unknown]>([
    ['replay: false', { dokStamp: { replay: false } }, () => undefined],
    ['stream bodies', {}, () => Readable.from(['x'])],
    ['replays', {}, () => undefined],
  ])(
    'with %s causes a handful of token requests, and no healthy call waits',
    async (_, config, body) => {
      stopTime();
      await using api = await stubDokStamp(({ url }, response) =>
        url === '/refused' ? refuse(response) : json(response, 200, {}),
      );
      await using account = await accountAt(api);
      const { axiosRef } = account.http;
      await axiosRef.get('/healthy');
      for (let tenth = 0; tenth < 40; tenth++) {
        const refused = rejectionOf(axiosRef.post('/refused', body(), config));
        expect(account.tokens.current()).toBeDefined();
        await axiosRef.get('/healthy');
        await refused;
        await pass(100);
      }
      expect(api.tokenRequests).toBeLessThanOrEqual(5);
    },
  );
});

describe('an endpoint that refuses some queries beside others of the same path', () => {
  it('causes a handful of token requests', async () => {
    stopTime();
    await using api = await stubDokStamp(({ url }, response) =>
      url.includes('bad') ? refuse(response) : json(response, 200, {}),
    );
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    for (let tenth = 0; tenth < 40; tenth++) {
      await rejectionOf(axiosRef.get('/x', { params: { bad: 1 } }));
      await axiosRef.get('/x', { params: { good: 1 } });
      await pass(100);
    }
    expect(api.tokenRequests).toBeLessThanOrEqual(5);
  });
});

/** An upload that ends only when it is let go. */
function endless(): Readable {
  return Readable.from(
    (async function* () {
      for (;;) yield await sleep(10, 'PDF');
    })(),
  );
}

/** A DokStamp that refuses `token_1`, and answers all requests to the API without reading them. */
async function refusingUnread() {
  let tokens = 0;
  const server = createServer((request, response) => {
    if (request.url === '/oauth/token') {
      const grant = { token_type: 'Bearer', expires_in: 600, access_token: `token_${++tokens}` };
      request.resume().on('end', () => json(response, 200, grant));
    } else if (request.headers.authorization === 'Bearer token_1') refuse(response);
    else json(response, 200, {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('from the moment a 401 is known its body holds no socket and raises no uncaught error', () => {
  const streaming = { responseType: 'stream' as const };
  const refusing = (answer: (response: Parameters<typeof refuse>[0]) => unknown) =>
    stubDokStamp((request, response) =>
      carriesTokenFrom(2, request) ? json(response, 200, { data: 'accepted' }) : answer(response),
    );

  it('where it is longer than maxContentLength', async () => {
    await using api = await refusing((response) => {
      response.writeHead(401);
      response.end('x'.repeat(100_000));
    });
    await using account = await accountAt(api);
    const config = { ...streaming, maxContentLength: 1_000 };
    const { data } = await account.http.axiosRef.get<Readable>('/x', config);
    expect(await text(data)).toContain('accepted');
    await sleep(20);
    expect(uncaught).toEqual([]);
  });

  it('where it is gzip and its socket dies', async () => {
    await using api = await refusing((response) => {
      response.writeHead(401, { 'content-encoding': 'gzip', 'content-length': '5000' });
      response.write(gzipSync('x'.repeat(50_000)).subarray(0, 40), () => response.destroy());
    });
    await using account = await accountAt(api);
    const { data } = await account.http.axiosRef.get<Readable>('/x', streaming);
    expect(await text(data)).toContain('accepted');
    await sleep(20);
    expect(uncaught).toEqual([]);
  });

  it.each(['json', 'arraybuffer'] as const)(
    'and is renewed and replayed also where its body cannot be read, as %s',
    async (responseType) => {
      for (const flaw of ['too long', 'broken'] as const) {
        await using api = await refusing((response) => {
          if (flaw === 'too long') return response.writeHead(401).end('x'.repeat(100_000));
          response.writeHead(401, { 'content-length': '5000' });
          return response.write('half', () => response.destroy());
        });
        await using account = await accountAt(api);
        const config = { responseType, maxContentLength: 1_000 };
        expect((await account.http.axiosRef.get('/x', config)).status).toBe(200);
        expect(api.tokenRequests).toBe(2);
      }
    },
  );

  it('and is renewed and replayed also where its body cannot be read by the fetch adapter', async () => {
    for (const flaw of ['too long', 'broken', 'declared too long'] as const) {
      await using api = await refusing((response) => {
        if (flaw === 'too long') {
          response.writeHead(401).write('x');
          return response.end('x'.repeat(100_000));
        }
        if (flaw === 'declared too long') {
          return response.writeHead(401, { 'content-length': 100_000 }).end('x'.repeat(100_000));
        }
        response.writeHead(401, { 'content-length': '5000' });
        return response.write('half', () => response.destroy());
      });
      await using account = await accountAt(api);
      const config = { adapter: 'fetch', maxContentLength: 1_000 };
      expect((await account.http.axiosRef.get('/x', config)).status).toBe(200);
      expect(api.tokenRequests).toBe(2);
    }
  });

  it('where it stalls and the fetch adapter watches a timeout', async () => {
    await using api = await refusing((response) => {
      response.writeHead(401);
      response.write('refu');
    });
    await using account = await accountAt(api);
    const config = { ...streaming, adapter: 'fetch', timeout: 2_000 };
    const { data } = await account.http.axiosRef.get('/x', config);
    expect(await new Response(data as never).text()).toContain('accepted');
  });

  it('and a final one that is longer than what is kept does not end as if it were whole', async () => {
    await using api = await stubDokStamp((_, response) => {
      response.writeHead(401);
      response.end(Buffer.alloc(2_000_000, 'x'));
    });
    await using account = await accountAt(api);
    const error = await rejectionOf<{ response: { data: Readable } }>(
      account.http.axiosRef.get('/x', streaming),
    );
    await expect(text(error.response.data)).rejects.toThrow('1 MiB');
  });

  it('where it never ends', async () => {
    await using api = await refusing((response) => {
      response.writeHead(401);
      response.write('refu');
    });
    await using account = await accountAt(api);
    const { data } = await account.http.axiosRef.get<Readable>('/x', streaming);
    expect(await text(data)).toContain('accepted');
  });

  it.each([
    ['http', { maxContentLength: 1_000 }],
    ['fetch', { maxContentLength: 1_000 }],
    ['fetch', { onDownloadProgress: () => {} }],
  ] as const)('where it stalls behind what %s watches it with: %j', async (adapter, watch) => {
    let closed = 0;
    await using api = await refusing((response) => {
      response.on('close', () => closed++);
      response.writeHead(401);
      response.write('refu');
    });
    await using account = await accountAt(api);
    const { data } = await account.http.axiosRef.get('/x', { ...streaming, adapter, ...watch });
    expect(await new Response(data as never).text()).toContain('accepted');
    await vi.waitFor(() => expect(closed).toBe(1));
    expect(uncaught).toEqual([]);
  });

  it('where it comes before the upload is read, on all sockets that the agent has', async () => {
    await using api = await refusingUnread();
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 2 });
    await using account = await accountAt(api, { tokenTimeout: 2_000, http: { httpAgent } });
    await account.tokens.getToken();
    const calls = [1, 2].map(() =>
      account.http.axiosRef.post('/x', undefined, { dokStamp: { body: endless } }),
    );
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(uncaught).toEqual([]);
    httpAgent.destroy();
  });

  it.each(['http', 'fetch'])(
    'and ends the upload of a stream that the caller sent by %s',
    async (adapter) => {
      await using api = await refusingUnread();
      await using account = await accountAt(api);
      const upload = endless();
      const error = await rejectionOf(account.http.axiosRef.post('/x', upload, { adapter }));
      expect(error).toMatchObject({ status: 401, cause: { code: 'body_not_replayable' } });
      expect(upload.destroyed).toBe(true);
      expect(uncaught).toEqual([]);
    },
  );

  it.each([
    ['http', 1],
    // Node.js' fetch opens a second one, refused or not.
    ['fetch', 2],
  ])('and one that is through keeps its connection, by %s', async (adapter, most) => {
    const ports = new Set<number | undefined>();
    await using api = await stubDokStamp((request, response) => {
      ports.add(response.socket?.remotePort);
      if (carriesTokenFrom(2, request)) json(response, 200, {});
      else refuse(response);
    });
    await using account = await accountAt(api, {
      http: { httpAgent: new Agent({ keepAlive: true }) },
    });
    await account.tokens.getToken();
    for (let calls = 0; calls < 3; calls++) {
      await account.http.axiosRef.post('/x', { a: 1 }, { adapter, timeout: 5_000 });
    }
    expect(apiRequests(api)).toHaveLength(4);
    expect(ports.size).toBe(most);
  });

  it('where as many streams as the agent has sockets are refused at once', async () => {
    await using api = await refusing((response) => {
      response.writeHead(401);
      response.end('x'.repeat(500_000));
    });
    using httpAgent = Object.assign(new Agent({ maxSockets: 4, keepAlive: true }), {
      [Symbol.dispose]: () => httpAgent.destroy(),
    });
    await using account = await accountAt(api, { http: { httpAgent } });
    await account.tokens.getToken();
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { data } = await account.http.axiosRef.get<Readable>('/x', streaming);
        return text(data);
      }),
    );
    expect(new Set(answers)).toEqual(new Set([JSON.stringify({ data: 'accepted' })]));
  });

  it('where its caller aborts', async () => {
    await using api = await stubDokStamp((_, response) => {
      response.writeHead(401);
      response.write('x'.repeat(500_000));
    });
    const httpAgent = new Agent({ keepAlive: true });
    await using account = await accountAt(api, { http: { httpAgent } });
    await account.tokens.getToken();
    const caller = new AbortController();
    const calls = Array.from({ length: 10 }, () =>
      rejectionOf(account.http.axiosRef.get('/x', { ...streaming, signal: caller.signal })),
    );
    while (apiRequests(api).length < 10) await sleep(5);
    await sleep(20);
    caller.abort();
    await Promise.all(calls);
    await vi.waitFor(() => expect(Object.values(httpAgent.sockets).flat().length).toBe(0));
    expect(uncaught).toEqual([]);
    httpAgent.destroy();
  });

  it.each([
    ['http', { body: 'its words' }],
    ['fetch', { body: 'its words' }],
  ])('and a final 401 still gives the caller its body, by %s', async (adapter, { body }) => {
    await using api = await stubDokStamp((_, response) => {
      response.writeHead(401);
      response.end(body);
    });
    await using account = await accountAt(api);
    for (const config of [{}, { dokStamp: { replay: false } }]) {
      const error = await rejectionOf<{ response: { data: Readable } }>(
        account.http.axiosRef.get('/x', { ...streaming, adapter, ...config }),
      );
      const { data } = error.response;
      expect(await new Response(data as never).text()).toBe(body);
    }
  });
});

describe('an unsubscribed streaming Observable', () => {
  it('is not replayed', async () => {
    let release = () => {};
    await using server = await stubServer(async ({ url }, response) => {
      if (url !== '/oauth/token') return refuse(response);
      const nth = server.seen.filter((request) => request.url === '/oauth/token').length;
      if (nth > 1) await new Promise<void>((resolve) => (release = resolve));
      return json(response, 200, {
        token_type: 'Bearer',
        expires_in: 60,
        access_token: `token_${nth}`,
      });
    });
    await using account = await accountAt(server);
    await account.tokens.getToken();
    const subscription = account.http.get('/x', { responseType: 'stream' }).subscribe({
      error: () => {},
    });
    while (server.seen.length < 3) await sleep(5);
    subscription.unsubscribe();
    release();
    await account.tokens.renew();
    await sleep(20);
    expect(tokensSeen(server)).toEqual(['token_1']);
  });
});

describe('a 401 that a new token cures', () => {
  it('is told by a debug line, and nothing louder', async () => {
    await using api = await stubDokStamp(acceptingFrom(2));
    await using account = await accountAt(api);
    await account.tokens.getToken();
    const debug: string[] = [];
    const louder = vi.fn();
    Logger.overrideLogger({
      log: louder,
      warn: louder,
      error: louder,
      debug: (line: string) => void debug.push(line),
    });
    await account.http.axiosRef.get('/x?secret=in-the-url');
    expect(debug).toEqual(['A 401 was healed: the GET request was sent again with a newer token.']);
    expect(louder).not.toHaveBeenCalled();
  });
});

describe('a 401 that no new token cures', () => {
  it('has a cause with the code token_not_accepted that names the tenant sent, logged once per tenant and episode', async () => {
    const lines: string[] = [];
    stopTime();
    let cureFrom = Infinity;
    await using api = await stubDokStamp((request, response) =>
      carriesTokenFrom(cureFrom, request) ? json(response, 200, {}) : byTenant(request, response),
    );
    await using account = await accountAt(api);
    // The boot of a test app silences the log.
    Logger.overrideLogger({ log() {}, error() {}, warn: (line: string) => void lines.push(line) });
    const { axiosRef } = account.http;
    const refusals = async () => {
      for (const tenant of ['wrong', 'wrong']) {
        const error = await rejectionOf(axiosRef.get('/x', { dokStamp: { tenant } }));
        expect(error).toMatchObject({
          isAxiosError: true,
          response: { status: 401, data: { message: 'Unauthenticated.' } },
          cause: { code: 'token_not_accepted', message: expect.stringContaining('"wrong"') },
        });
      }
    };
    await refusals();
    expect(lines).toEqual([expect.stringContaining('"wrong"')]);
    cureFrom = api.tokenRequests + 1;
    await pass(5_000);
    await axiosRef.get('/x', WRONG);
    cureFrom = Infinity;
    await pass(5_000);
    await refusals();
    expect(lines).toHaveLength(2);
  });
});

describe('an account with a name', () => {
  it('is told by each of its errors, as account and in the message', async () => {
    await using api = await stubDokStamp(byTenant);
    const options = { baseURL: api.url, clientId: 'id', clientSecret: 'secret-1' };
    await using app = await boot({
      imports: [DokStampModule.forRoot({ ...options, name: 'eu', startup: 'lazy' })],
    });
    const { axiosRef } = app.get<DokStampHttpService>(getDokStampHttpToken('eu'));
    const tokens = app.get<TokenService>(getTokenServiceToken('eu'));
    const refused = await rejectionOf<{ cause: DokStampError }>(axiosRef.get('/x', WRONG));
    const errors = [
      refused.cause,
      await rejectionOf(axiosRef.get('/x')),
      await rejectionOf(axiosRef.get('/x', { dokStamp: { tenant: 'a\nb' } })),
    ];
    tokens.onApplicationShutdown();
    errors.push(await rejectionOf(tokens.getToken()));
    expect(errors.map((error) => (error as DokStampError).code)).toEqual([
      'token_not_accepted',
      'tenant_missing',
      'tenant_invalid',
      'closed',
    ]);
    for (const error of errors) {
      expect(error).toMatchObject({ account: 'eu', message: expect.stringMatching(/^\[eu\] /) });
    }
  });
});

describe('a tenant function that throws', () => {
  it.each([new Error('no context'), new DokStampError('closed', 'Another one.')])(
    'is tenant_missing, whatever it throws: %s',
    async (thrown) => {
      await using api = await stubDokStamp();
      const tenant = () => {
        throw thrown;
      };
      await using account = await accountAt(api, { tenant });
      expect(await rejectionOf(account.http.axiosRef.get('/x'))).toMatchObject({
        code: 'tenant_missing',
      });
    },
  );
});
