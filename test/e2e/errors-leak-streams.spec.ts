import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { AxiosError, AxiosInstance } from 'axios';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DokStampOptions } from '../../lib/index.js';
import type { TestApp } from '../support/app.js';
import { inspectionOf, leaksIn, sightsOf, sightsOfApp } from '../support/leaks.js';
import { accountAt, rejectionOf } from '../support/requests.js';
import { json, stubDokStamp } from '../support/stub-server.js';

const TOKEN = 'token_1';

let api: Awaited<ReturnType<typeof stubDokStamp>>;

beforeEach(async () => {
  api = await stubDokStamp(({ url }, response) => {
    if (url === '/fails') return json(response, 422, {});
    response.writeHead(url === '/long' ? 200 : 500);
    response.write('x'.repeat(1_000));
    setTimeout(() => response.end('x'.repeat(200_000)), 20);
  });
});

afterEach(() => api[Symbol.asyncDispose]());

async function withAccount(
  options: DokStampOptions,
  use: (axiosRef: AxiosInstance, account: TestApp) => Promise<void>,
): Promise<void> {
  await using account = await accountAt(api, options);
  await use(account.http.axiosRef, account);
}

function expectNoLeak(error: unknown): void {
  expect(leaksIn(sightsOf(error), [TOKEN])).toEqual([]);
}

const contentOf = (data: unknown) => text(data as Readable | ReadableStream<Uint8Array>);

describe('a streamed answer that is longer than allowed fails without the token', () => {
  it.each(['http', 'fetch'])('by %s, accepted or refused', async (adapter) => {
    await withAccount({}, async (axiosRef) => {
      const config = { adapter, responseType: 'stream', maxContentLength: 50_000 } as const;
      const { data } = await axiosRef.get('/long', config);
      const cut = await rejectionOf<AxiosError>(contentOf(data));
      expect(cut).toMatchObject({ isAxiosError: true, code: 'ERR_BAD_RESPONSE' });
      expectNoLeak(cut);
      const refused = await rejectionOf<AxiosError>(axiosRef.get('/refused', config));
      expectNoLeak(refused);
      const cutToo = await rejectionOf(contentOf(refused.response?.data));
      expect(cutToo).toMatchObject({ isAxiosError: true, code: 'ERR_BAD_RESPONSE' });
      expectNoLeak(cutToo);
    });
  });

  it('and can be read where it is as long as allowed, or left', async () => {
    await withAccount({}, async (axiosRef) => {
      const config = {
        adapter: 'fetch',
        responseType: 'stream',
        maxContentLength: 201_000,
      } as const;
      const { data } = await axiosRef.get('/long', config);
      expect(await contentOf(data)).toHaveLength(201_000);
      const { data: left } = await axiosRef.get<ReadableStream>('/long', config);
      await left.cancel('enough');
      const { data: bytes } = await axiosRef.get<ReadableStream>('/long', {
        ...config,
        maxContentLength: -1,
      });
      await bytes.getReader({ mode: 'byob' }).cancel();
    });
  });
});

/** As undici's Agent: it leads to the header block of each request under way. */
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

const dispatchers: [string, () => { sent: unknown[] }][] = [
  ['of a class', () => new Dispatcher()],
  [
    'without a class',
    () => {
      const inner = new Dispatcher();
      return { sent: inner.sent, inner, dispatch: inner.dispatch.bind(inner) };
    },
  ],
];

describe.each(dispatchers)('a dispatcher %s', (_, make) => {
  it('of a request is not seen in its error, and serves the next', async () => {
    await withAccount({}, async (axiosRef) => {
      const dispatcher = make();
      const fetchOptions = Object.freeze({ dispatcher });
      const config = { adapter: 'fetch', fetchOptions } as object;
      const error = await rejectionOf<AxiosError>(axiosRef.get('/fails', config));
      expect(inspectionOf(dispatcher)).toContain(TOKEN);
      expectNoLeak(error);
      expect(fetchOptions.dispatcher).toBe(dispatcher);
      expect(dispatcher.sent).toHaveLength(1);
      expect(await rejectionOf(axiosRef.request(error.config ?? {}))).toMatchObject({
        response: { status: 422 },
      });
      expect(dispatcher.sent).toHaveLength(2);
    });
  });

  it('of the http option is seen neither in an error nor in the app', async () => {
    const dispatcher = make();
    const http = { adapter: 'fetch', fetchOptions: { dispatcher } } as DokStampOptions['http'];
    await withAccount({ http }, async (axiosRef, { app }) => {
      expectNoLeak(await rejectionOf(axiosRef.get('/fails')));
      expect(dispatcher.sent).toHaveLength(1);
      expect(inspectionOf(dispatcher)).toContain(TOKEN);
      expect(leaksIn(sightsOfApp(app), [TOKEN])).toEqual([]);
      expect(http).toEqual({ adapter: 'fetch', fetchOptions: { dispatcher } });
    });
  });
});

describe('what the app has frozen', () => {
  it('of the headers of a request is copied', async () => {
    await withAccount({}, async (axiosRef) => {
      const error = await rejectionOf<AxiosError>(
        axiosRef.get('/fails', {
          transformResponse(this: { headers: object }, data: unknown) {
            Object.freeze(this.headers);
            return data;
          },
        }),
      );
      expect(error).toMatchObject({ isAxiosError: true, response: { status: 422 } });
      expectNoLeak(error);
    });
  });

  it('an AxiosError as a whole too', async () => {
    await withAccount({}, async (axiosRef) => {
      const error = await rejectionOf<AxiosError>(
        axiosRef.get('/fails', {
          validateStatus: () => true,
          transformResponse() {
            const { response } = this as unknown as { response: { config: object } };
            const { config } = response;
            const made = { isAxiosError: true, config, response, request: response };
            throw Object.freeze(Object.assign(new Error(`no ${TOKEN}`), made));
          },
        }),
      );
      expect(error).toMatchObject({ isAxiosError: true, message: 'no [masked]' });
      expectNoLeak(error);
    });
  });
});
