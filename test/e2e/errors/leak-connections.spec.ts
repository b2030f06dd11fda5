import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { inspect } from 'node:util';
import type { AxiosError, AxiosRequestConfig } from 'axios';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DokStampOptions } from '../../../lib/index.js';
import type { TestApp } from '../../support/app.js';
import { leaksIn, viewsOf, viewsOfApp } from '../../support/leaks.js';
import { selfSigned } from '../../support/self-signed.js';
import { accountAt, apiRequests, rejectionOf } from '../../support/stub-account.js';
import { type StubDokStamp, json, stubDokStamp } from '../../support/stub-server.js';
import { tlsFront } from '../../support/tls-front.js';
import { waitUntil } from '../../support/time.js';

let api: StubDokStamp;

beforeAll(async () => {
  // A request to any other path is never answered.
  api = await stubDokStamp(({ url }, response) => {
    if (url === '/fails') json(response, 422, {});
  });
});

beforeEach(() => {
  api.seen.length = 0;
});

afterAll(() => api[Symbol.asyncDispose]());

const BEARER = /Bearer (token_\d+)/;

function expectNoLeak(error: unknown): void {
  expect(leaksIn(viewsOf(error), ['Bearer', 'token_'])).toEqual([]);
}

function expectNoLeakOf({ app }: TestApp): void {
  expect(leaksIn(viewsOfApp(app), ['Bearer', 'token_'])).toEqual([]);
}

/** A call that fails while another one is in flight over the same agent. */
async function failBeside(
  account: TestApp,
  agent: Agent,
  config: AxiosRequestConfig = {},
): Promise<void> {
  await account.tokens.getToken();
  const { axiosRef } = account.http;
  const caller = new AbortController();
  const other = rejectionOf(axiosRef.get('/hangs', { ...config, signal: caller.signal }));
  await waitUntil(() => apiRequests(api).length === 1, Infinity);
  const error = await rejectionOf(axiosRef.get('/fails', config));
  expect(error).toMatchObject({ response: { status: 422 } });
  // Printed as it is, the agent does lead to the token.
  expect(inspect(agent.sockets, { depth: 4, maxStringLength: null })).toMatch(BEARER);
  expectNoLeak(error);
  expectNoLeakOf(account);
  caller.abort();
  await other;
  agent.destroy();
}

describe('the sockets of an agent show no token', () => {
  it('if it is in the http option', async () => {
    const httpAgent = new Agent({ keepAlive: true });
    await using account = await accountAt(api, { http: { httpAgent } });
    await failBeside(account, httpAgent);
  });

  it('if it is in the request', async () => {
    const httpAgent = new Agent({ keepAlive: true });
    await using account = await accountAt(api);
    await failBeside(account, httpAgent, { httpAgent });
  });

  it('if it is for https', async () => {
    const { key, cert } = selfSigned('localhost');
    await using front = await tlsFront(api.url, { key, cert });
    const httpsAgent = new TlsAgent({ keepAlive: true, ca: cert });
    await using account = await accountAt(front, { http: { httpsAgent } });
    await failBeside(account, httpsAgent);
  });
});

describe("an app's own class of agent", () => {
  class CountingAgent extends Agent {
    readonly #connections = { count: 0 };

    get connections(): number {
      return this.#connections.count;
    }

    override createConnection(
      ...args: Parameters<Agent['createConnection']>
    ): ReturnType<Agent['createConnection']> {
      this.#connections.count++;
      return super.createConnection(...args);
    }
  }

  it('may have private fields, and is the one that connects', async () => {
    const httpAgent = new CountingAgent({ keepAlive: true });
    await using account = await accountAt(api, { http: { httpAgent } });
    const error = await rejectionOf<AxiosError>(account.http.axiosRef.get('/fails'));
    expect(httpAgent.connections).toBe(1);
    await rejectionOf(account.http.axiosRef.request(error.config ?? {}));
    expect(apiRequests(api)).toHaveLength(2);
    expect(httpAgent.connections).toBe(1);
    httpAgent.destroy();
  });
});

/** Leads to the headers of each request, as the Agent of undici does. */
class Dispatcher {
  readonly sent: unknown[] = [];
  readonly #calls = { count: 0 };

  get calls(): number {
    return this.#calls.count;
  }

  dispatch(options: unknown, handler: unknown): boolean {
    this.#calls.count++;
    this.sent.push(options);
    const global = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1')) as Dispatcher;
    return global.dispatch(options, handler);
  }
}

const DISPATCHERS: [string, () => { sent: unknown[] }][] = [
  ['of a class', () => new Dispatcher()],
  [
    'without a class',
    () => {
      const inner = new Dispatcher();
      return { sent: inner.sent, inner, dispatch: inner.dispatch.bind(inner) };
    },
  ],
];

describe.each(DISPATCHERS)('a dispatcher %s shows no token', (_, make) => {
  it('if it is in the request, and sends the next one', async () => {
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    const dispatcher = make();
    const fetchOptions = Object.freeze({ dispatcher });
    const config: object = { adapter: 'fetch', fetchOptions };
    const error = await rejectionOf<AxiosError>(axiosRef.get('/fails', config));
    expect(inspect(dispatcher.sent, { depth: 4 })).toMatch(BEARER);
    expectNoLeak(error);
    expect(fetchOptions.dispatcher).toBe(dispatcher);
    expect(dispatcher.sent).toHaveLength(1);
    const again = await rejectionOf(axiosRef.request(error.config ?? {}));
    expect(again).toMatchObject({ response: { status: 422 } });
    expect(dispatcher.sent).toHaveLength(2);
  });

  it('if it is in the http option, in an error or in the app', async () => {
    const dispatcher = make();
    const http = { adapter: 'fetch', fetchOptions: { dispatcher } } as DokStampOptions['http'];
    await using account = await accountAt(api, { http });
    expectNoLeak(await rejectionOf(account.http.axiosRef.get('/fails')));
    // The token request has the same connection settings.
    expect(dispatcher.sent).toHaveLength(2);
    expect(inspect(dispatcher.sent, { depth: 4 })).toMatch(BEARER);
    expectNoLeakOf(account);
    expect(http).toEqual({ adapter: 'fetch', fetchOptions: { dispatcher } });
  });
});
