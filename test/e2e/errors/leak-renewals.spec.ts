import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/app.js';
import { collectGarbage } from '../../support/collect-garbage.js';
import { type Deferred, deferred } from '../../support/deferred.js';
import { leaksIn, viewsOf } from '../../support/leaks.js';
import { accountAt, refuse, rejectionOf } from '../../support/stub-account.js';
import {
  type Answer,
  type StubServer,
  issueToken,
  json,
  stubServer,
} from '../../support/stub-server.js';

const tokenOf = (nth: number) => `access-token-of-renewal-${nth}`;

/** The tokens that the slow call carries. */
const CARRIED = [tokenOf(1), tokenOf(2)];

const ADAPTERS: [string, object][] = [
  ['http', {}],
  ['fetch', { adapter: 'fetch' }],
];

let server: StubServer;
let account: TestApp;
let api: Answer;
let issued: number;

/** The response to the slow call, which the test gives. */
let arrived: Deferred<ServerResponse>;

const arrive: Answer = (_, response) => arrived.resolve(response);

beforeEach(async () => {
  issued = 0;
  arrived = deferred<ServerResponse>();
  api = arrive;
  server = await stubServer((request, response) =>
    request.url === '/oauth/token'
      ? issueToken(response, tokenOf(++issued))
      : api(request, response),
  );
  account = await accountAt(server);
});

afterEach(async () => {
  await account[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** More renewals than tokens are remembered for getToken(), with the garbage collected between them. */
async function fortyRenewals(
  renew: () => Promise<unknown> = () => account.tokens.renew(),
): Promise<void> {
  for (let nth = 0; nth < 40; nth++) {
    if (nth === 20) await collectGarbage();
    await renew();
  }
  await collectGarbage();
}

function expectNoLeak(error: unknown): void {
  expect(leaksIn(viewsOf(error), CARRIED)).toEqual([]);
}

describe('the error of a call that lasts forty renewals shows none of its tokens', () => {
  it.each(ADAPTERS)('if the answer repeats it, by %s', async (_, config) => {
    const call = rejectionOf(account.http.axiosRef.get('/slow', config));
    const response = await arrived.promise;
    await fortyRenewals();
    json(response, 500, { message: `${CARRIED[0]} is wrong` });
    const error = await call;
    expect(error).toMatchObject({ response: { data: { message: '[masked] is wrong' } } });
    expectNoLeak(error);
  });

  it.each(ADAPTERS)('if the answer to its replay repeats both, by %s', async (_, config) => {
    api = (request, response) =>
      request.headers.authorization === `Bearer ${CARRIED[0]}`
        ? refuse(response)
        : arrive(request, response);
    const call = rejectionOf(account.http.axiosRef.get('/slow', config));
    const response = await arrived.promise;
    await fortyRenewals();
    json(response, 500, { message: CARRIED.join(' and ') });
    const error = await call;
    expect(error).toMatchObject({ response: { data: { message: '[masked] and [masked]' } } });
    expectNoLeak(error);
  });

  it.each(ADAPTERS)('if its answer cannot be parsed, by %s', async (_, config) => {
    const strict = { responseType: 'json', transitional: { silentJSONParsing: false } } as const;
    const call = rejectionOf(account.http.axiosRef.get('/slow', { ...config, ...strict }));
    const response = await arrived.promise;
    await fortyRenewals();
    response.end(`no JSON: ${CARRIED[0]}`);
    const error = await call;
    expect(error).toMatchObject({ isAxiosError: true, response: { status: 200 } });
    expectNoLeak(error);
  });

  it('if the answer that it streams is aborted', async () => {
    api = (_, response) => {
      response.writeHead(200).write('half');
      arrived.resolve(response);
    };
    const caller = new AbortController();
    const { data } = await account.http.axiosRef.get<Readable>('/slow', {
      responseType: 'stream',
      signal: caller.signal,
    });
    await fortyRenewals();
    data.once('data', () => caller.abort());
    const error = await rejectionOf(text(data));
    expect(error).toMatchObject({ code: 'ERR_CANCELED' });
    expectNoLeak(error);
  });

  it('if the tokens are those of a TokenService that a test overrides', async () => {
    api = (request, response) =>
      request.url === '/slow' ? arrive(request, response) : json(response, 200, {});
    account.tokens.getToken = async () => tokenOf(++issued);
    const call = rejectionOf(account.http.axiosRef.get('/slow'));
    const response = await arrived.promise;
    await fortyRenewals(() => account.http.axiosRef.get('/quick'));
    json(response, 500, { message: `${CARRIED[0]} is wrong` });
    const error = await call;
    expect(error).toMatchObject({ response: { data: { message: '[masked] is wrong' } } });
    expectNoLeak(error);
  });
});
