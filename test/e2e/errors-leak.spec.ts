import { Agent } from 'node:http';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DokStampOptions, TokenEvent } from '../../lib/index.js';
import type { TestApp } from '../support/app.js';
import { inspectionOf, leaksIn, sightsOf, sightsOfApp } from '../support/leaks.js';
import { CLIENT_SECRET, accountAt, rejectionOf } from '../support/requests.js';
import { type SeenRequest, type StubServer, json, stubServer } from '../support/stub-server.js';

const TOKEN = 'access/token+of=the~test 1'.replace(' ', '_');
const SECRETS = [CLIENT_SECRET, TOKEN];

type Answer = (response: ServerResponse, request: SeenRequest) => unknown;

const issueToken: Answer = (response) =>
  json(response, 200, { token_type: 'Bearer', expires_in: 3_600, access_token: TOKEN });

let server: StubServer;
let tokenEndpoint: Answer;
let api: Answer;
let events: TokenEvent[];

beforeEach(async () => {
  tokenEndpoint = issueToken;
  api = (response) => json(response, 200, {});
  events = [];
  server = await stubServer((request, response) =>
    (request.url === '/oauth/token' ? tokenEndpoint : api)(response, request),
  );
});

afterEach(() => server[Symbol.asyncDispose]());

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Text that repeats what it must not, in every spelling. */
function echo({ headers, body }: Pick<SeenRequest, 'headers' | 'body'>): string {
  const sent = `${headers.authorization ?? ''} ${body.toString()}`;
  const values = [CLIENT_SECRET, TOKEN];
  const spellings = values.flatMap((value) => [
    value,
    encodeURIComponent(value),
    Buffer.from(`id:${value}`).toString('base64'),
    Buffer.from(value).toString('base64url'),
  ]);
  return [sent, ...spellings].join(' ');
}

const echoed =
  (status: number): Answer =>
  (response, request) => {
    const words = echo(request);
    json(
      response,
      status,
      {
        error: 'invalid_client',
        error_description: words,
        message: words,
        [words]: [words, { words }],
      },
      { 'x-echo': Buffer.from(words).toString('latin1'), 'www-authenticate': `Bearer ${TOKEN}` },
    );
  };

const badJson: Answer = (response, request) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`${TOKEN} ${echo(request)}`);
};

const huge: Answer = (response, request) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(echo(request).repeat(3_000));
};

const statusText: Answer = (response) => {
  response.writeHead(500, `broken by ${TOKEN}`);
  response.end();
};

const hangUp: Answer = (response) => response.destroy();

const halfAnAnswer: Answer = (response, request) => {
  response.writeHead(500, { 'content-length': '100000' });
  response.write(echo(request));
  setImmediate(() => response.destroy());
};

const hang: Answer = () => {};

const redirect: Answer = (response, request) => {
  response.writeHead(302, { location: `${request.url}?${encodeURIComponent(TOKEN)}` });
  response.end();
};

function expectNoLeak({ tokens, http }: TestApp, error: unknown, secrets = SECRETS): void {
  const seen = inspectionOf([tokens, tokens.status, http, http.axiosRef.defaults, events]);
  expect(leaksIn([...sightsOf(error), ['services, status and events', seen]], secrets)).toEqual([]);
}

async function withAccount(
  options: DokStampOptions,
  use: (account: TestApp) => Promise<void>,
): Promise<void> {
  await using account = await accountAt(server, options);
  account.tokens.events$.subscribe((event) => events.push(event));
  await use(account);
}

describe('the ways of looking', () => {
  it('find a secret where there is one', () => {
    const open = Object.assign(new Error(`told ${TOKEN}`), { config: { data: CLIENT_SECRET } });
    const ways = new Set(leaksIn(sightsOf(open), SECRETS).map((leak) => leak.split(' shows ')[0]));
    expect([...ways]).toEqual(
      expect.arrayContaining([
        'message of cause 0',
        'stack of cause 0',
        'String() of cause 0',
        'inspect of cause 0',
        'JSON of its parts',
        "Nest's ConsoleLogger",
        "Nest's ConsoleLogger as JSON",
        'pino',
      ]),
    );
  });
});

describe('the error of a token request shows neither secret nor token', () => {
  it.each<[string, Answer]>([
    ['401 invalid_client', echoed(401)],
    ['400', echoed(400)],
    ['403', echoed(403)],
    ['429', echoed(429)],
    ['500', echoed(500)],
    ['another success', echoed(201)],
    ['a 200 that is no token', echoed(200)],
    ['a redirect', redirect],
    ['bad JSON', badJson],
    ['a huge answer', huge],
    ['a broken status', statusText],
    ['a network error', hangUp],
    ['half an answer', halfAnAnswer],
  ])('after %s', async (_, answer) => {
    await withAccount({}, async (account) => {
      // Of a token that was never issued the account cannot know.
      await account.tokens.getToken();
      account.tokens.invalidate(TOKEN);
      tokenEndpoint = answer;
      const call = await rejectionOf(account.http.axiosRef.get('/certificates'));
      expect(call).toMatchObject({ name: 'DokStampError' });
      expectNoLeak(account, call);
      expectNoLeak(account, await rejectionOf(account.tokens.getToken()));
    });
  });

  it('after the answer does not come in time', async () => {
    tokenEndpoint = hang;
    await withAccount({ tokenTimeout: 50 }, async (account) => {
      const error = await rejectionOf(account.http.axiosRef.get('/certificates'));
      expect(error).toMatchObject({ code: 'token_request_failed' });
      expectNoLeak(account, error);
    });
  });

  it('after its caller has left, or the app has closed', async () => {
    tokenEndpoint = hang;
    await withAccount({}, async (account) => {
      const { axiosRef } = account.http;
      const left = await rejectionOf(axiosRef.get('/x', { timeout: 20 }));
      expect(left).toMatchObject({ code: 'token_wait_timeout' });
      expectNoLeak(account, left);
      const aborted = await rejectionOf(axiosRef.get('/x', { signal: AbortSignal.timeout(20) }));
      expect(aborted).toMatchObject({ code: 'ERR_CANCELED' });
      expectNoLeak(account, aborted);
      const waiting = rejectionOf(axiosRef.get('/x'));
      await account.app.close();
      expect(await waiting).toMatchObject({ code: 'closed' });
      expectNoLeak(account, await waiting);
    });
  });

  it('when it hides behind the 401 that made it necessary', async () => {
    await withAccount({}, async (account) => {
      api = (response, request) => {
        tokenEndpoint = echoed(401);
        return echoed(401)(response, request);
      };
      const error = await rejectionOf(account.http.axiosRef.get('/certificates'));
      expect(error).toMatchObject({ code: 'invalid_client', cause: { response: { status: 401 } } });
      expectNoLeak(account, error);
    });
  });
});

describe('the error of an API call shows neither secret nor token', () => {
  type Config = NonNullable<Parameters<TestApp['http']['axiosRef']['request']>[0]>;

  const adapters: [string, Config][] = [
    ['http', {}],
    ['http without redirects', { maxRedirects: 0 }],
    ['fetch', { adapter: 'fetch' }],
  ];
  const kinds: [string, Answer, (Config | (() => Config))?][] = [
    ...[400, 401, 403, 404, 422, 429, 500].map((status): [string, Answer] => [
      `status ${status}`,
      echoed(status),
    ]),
    ['bad JSON', badJson, { responseType: 'json', transitional: { silentJSONParsing: false } }],
    ['bad JSON to a parser of the app', badJson, { transformResponse: (data) => JSON.parse(data) }],
    ['a huge answer', huge, { maxContentLength: 1_000 }],
    ['a huge refusal', (response, request) => json(response, 500, echo(request).repeat(2_000))],
    ['a broken status', statusText],
    ['a network error', hangUp],
    ['half an answer', halfAnAnswer],
    ['a timeout', hang, { timeout: 50 }],
    ['an abort', hang, () => ({ signal: AbortSignal.timeout(30) })],
    ['endless redirects', redirect],
    ['a refusal as bytes', echoed(500), { responseType: 'arraybuffer' }],
    ['a refusal as a stream', echoed(500), { responseType: 'stream' }],
    ['a refused upload', echoed(401), { method: 'post', data: 'text' }],
  ];

  const cases = adapters.flatMap(([by, base]) =>
    kinds.map(
      ([kind, answer, config = {}]) =>
        [
          `by ${by} after ${kind}`,
          () => ({ ...base, ...(typeof config === 'function' ? config() : config) }),
          answer,
        ] as const,
    ),
  );

  it.each(cases)('%s', async (_, config, answer) => {
    api = answer;
    await withAccount({}, async (account) => {
      const error = await rejectionOf(
        account.http.axiosRef.request({ url: '/certificates', ...config() }),
      );
      expectNoLeak(account, error);
    });
  });

  it.each<[string, () => unknown]>([
    ['a Node stream', () => Readable.from(['%PDF'])],
    ['an async iterable', () => Readable.from(['%PDF'])[Symbol.asyncIterator]()],
  ])('after an upload of %s is refused', async (_, make) => {
    api = echoed(401);
    await withAccount({}, async (account) => {
      const error = await rejectionOf(account.http.axiosRef.post('/files', make()));
      expect(error).toMatchObject({ isAxiosError: true, response: { status: 401 } });
      expectNoLeak(account, error);
    });
  });

  it('after the answer that it streams breaks off or is aborted', async () => {
    api = (response) => {
      response.writeHead(200);
      response.write('half');
    };
    await withAccount({}, async (account) => {
      const aborting = new AbortController();
      const { data } = await account.http.axiosRef.get<Readable>('/x', {
        responseType: 'stream',
        signal: aborting.signal,
      });
      data.once('data', () => aborting.abort());
      const aborted = await rejectionOf(text(data));
      expect(aborted).toMatchObject({ code: 'ERR_CANCELED' });
      expect(leaksIn(sightsOf(aborted), SECRETS)).toEqual([]);
      api = huge;
      const long = await account.http.axiosRef.get<Readable>('/x', {
        responseType: 'stream',
        maxContentLength: 1_000,
      });
      const cut = await rejectionOf(text(long.data));
      expect(cut).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
      expect(leaksIn(sightsOf(cut), SECRETS)).toEqual([]);
    });
  });

  it.each(['of the http option', 'of the request'])(
    'through the sockets of an agent %s that others use at the same time',
    async (whose) => {
      const agent = new Agent({ keepAlive: true });
      api = (response, { url }) => (url === '/fails' ? json(response, 500, {}) : undefined);
      const http = whose === 'of the request' ? {} : { httpAgent: agent };
      await withAccount({ http }, async (account) => {
        const leave = new AbortController();
        const config = whose === 'of the request' ? { httpAgent: agent } : {};
        const others = [1, 2].map(() =>
          rejectionOf(account.http.axiosRef.get('/hangs', { ...config, signal: leave.signal })),
        );
        const error = await rejectionOf(account.http.axiosRef.get('/fails', config));
        expect(inspectionOf(agent)).toContain(TOKEN);
        expectNoLeak(account, error);
        expect(leaksIn(sightsOfApp(account.app), SECRETS)).toEqual([]);
        leave.abort();
        await Promise.all(others);
        agent.destroy();
      });
    },
  );

  it('when the app itself puts it into the body, which is sent again as it was', async () => {
    api = (response) => json(response, 503, {});
    await withAccount({}, async (account) => {
      await account.tokens.getToken();
      const call = account.http.axiosRef.post('/introspect', { token: TOKEN });
      const error = await rejectionOf<{ config: object }>(call);
      expectNoLeak(account, error);
      api = (response) => json(response, 200, {});
      await account.http.axiosRef.request(error.config);
      expect(server.seen.at(-1)?.body.toString()).toBe(JSON.stringify({ token: TOKEN }));
      expect(server.seen.at(-1)?.headers['content-type']).toBe('application/json');
    });
  });

  it('when another token service stands in the place of ours', async () => {
    api = echoed(500);
    await withAccount({}, async (account) => {
      account.tokens.getToken = async () => TOKEN;
      const error = await rejectionOf(account.http.axiosRef.get('/certificates'));
      expectNoLeak(account, error, [TOKEN]);
    });
  });

  it('when the tenant function fails with it', async () => {
    const tenant = () => {
      throw new Error('no tenant', { cause: new Error(`asked with Bearer ${TOKEN}`) });
    };
    await withAccount({ tenant }, async (account) => {
      await account.tokens.getToken();
      const error = await rejectionOf(account.http.axiosRef.get('/certificates'));
      expect(error).toMatchObject({ code: 'tenant_missing', cause: { message: 'no tenant' } });
      expectNoLeak(account, error);
    });
  });
});

describe('the error of a call that has lasted forty renewals shows none of its tokens', () => {
  const tokenOf = (nth: number) => `access-token-of-renewal-${nth}`;
  const CARRIED = [tokenOf(1), tokenOf(2)];
  let issued: number;
  let arrive: (respond: ServerResponse) => void;
  let arrived: Promise<ServerResponse>;

  beforeEach(() => {
    issued = 0;
    arrived = new Promise((resolve) => (arrive = resolve));
    tokenEndpoint = (response) =>
      json(response, 200, {
        token_type: 'Bearer',
        expires_in: 3_600,
        access_token: tokenOf(++issued),
      });
    api = (response) => arrive(response);
  });

  async function fortyRenewals(renew: (nth: number) => Promise<unknown>): Promise<void> {
    for (let nth = 0; nth < 40; nth++) {
      await renew(nth);
      await turn();
      if (nth % 10 === 0) collectGarbage();
    }
  }

  const adapters: [string, object][] = [
    ['http', {}],
    ['fetch', { adapter: 'fetch' }],
  ];

  it.each(adapters)('by %s, where the answer repeats it', async (_, config) => {
    await withAccount({}, async ({ http, tokens }) => {
      const call = rejectionOf(http.axiosRef.get('/slow', config));
      const response = await arrived;
      await fortyRenewals(() => tokens.renew());
      json(response, 500, { message: `${CARRIED[0]} is wrong` });
      const error = await call;
      expect(error).toMatchObject({ response: { data: { message: '[masked] is wrong' } } });
      expect(leaksIn(sightsOf(error), CARRIED)).toEqual([]);
    });
  });

  it.each(adapters)('by %s, where it was sent again with another', async (_, config) => {
    api = (response, { headers }) =>
      headers.authorization === `Bearer ${CARRIED[0]}` ? json(response, 401, {}) : arrive(response);
    await withAccount({}, async ({ http, tokens }) => {
      const call = rejectionOf(http.axiosRef.get('/slow', config));
      const response = await arrived;
      await fortyRenewals(() => tokens.renew());
      json(response, 500, { message: CARRIED.join(' and ') });
      const error = await call;
      expect(error).toMatchObject({ response: { data: { message: '[masked] and [masked]' } } });
      expect(leaksIn(sightsOf(error), CARRIED)).toEqual([]);
    });
  });

  it.each(adapters)('by %s, where the answer cannot be read', async (_, config) => {
    await withAccount({}, async ({ http, tokens }) => {
      const strict = { responseType: 'json', transitional: { silentJSONParsing: false } } as const;
      const call = rejectionOf(http.axiosRef.get('/slow', { ...config, ...strict }));
      const response = await arrived;
      await fortyRenewals(() => tokens.renew());
      response.end(`no JSON: ${CARRIED[0]}`);
      const error = await call;
      expect(error).toMatchObject({ name: 'SyntaxError', response: { status: 200 } });
      expect(leaksIn(sightsOf(error), CARRIED)).toEqual([]);
    });
  });

  it('where the answer that it streams breaks off', async () => {
    api = (response) => {
      response.writeHead(200);
      response.write('half');
      arrive(response);
    };
    await withAccount({}, async ({ http, tokens }) => {
      const aborting = new AbortController();
      const { data } = await http.axiosRef.get<Readable>('/slow', {
        responseType: 'stream',
        signal: aborting.signal,
      });
      await fortyRenewals(() => tokens.renew());
      data.once('data', () => aborting.abort());
      const error = await rejectionOf(text(data));
      expect(error).toMatchObject({ code: 'ERR_CANCELED' });
      expect(leaksIn(sightsOf(error), CARRIED)).toEqual([]);
    });
  });

  it('where others have come with tokens of a token service in the place of ours', async () => {
    api = (response, { url }) => (url === '/slow' ? arrive(response) : json(response, 200, {}));
    await withAccount({}, async ({ http, tokens }) => {
      tokens.getToken = async () => tokenOf(++issued);
      const call = rejectionOf(http.axiosRef.get('/slow'));
      const response = await arrived;
      await fortyRenewals(() => http.axiosRef.get('/quick'));
      json(response, 500, { message: `${CARRIED[0]} is wrong` });
      const error = await call;
      expect(error).toMatchObject({ response: { data: { message: '[masked] is wrong' } } });
      expect(leaksIn(sightsOf(error), CARRIED)).toEqual([]);
    });
  });
});

describe('an app', () => {
  it('keeps neither secret nor token where it can be printed', async () => {
    api = echoed(500);
    await withAccount({}, async (account) => {
      await rejectionOf(account.http.axiosRef.get('/certificates'));
      expect(leaksIn(sightsOfApp(account.app), SECRETS)).toEqual([]);
    });
  });
});
