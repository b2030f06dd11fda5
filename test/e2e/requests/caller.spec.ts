import { getEventListeners } from 'node:events';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/app.js';
import { deferred } from '../../support/deferred.js';
import {
  accountAt,
  apiRequests,
  carriesTokenFrom,
  refuse,
  rejectionOf,
} from '../../support/stub-account.js';
import { type StubServer, issueToken, json, stubServer } from '../../support/stub-server.js';
import { advance, freezeTime, settle, waitUntil } from '../../support/time.js';

let server: StubServer;
let account: TestApp;
let issued: number;
let mayAnswer: { token: Promise<void>; api: Promise<void> };

beforeEach(async () => {
  issued = 0;
  mayAnswer = { token: Promise.resolve(), api: Promise.resolve() };
  server = await stubServer(async (request, response) => {
    if (request.url !== '/oauth/token') {
      await mayAnswer.api;
      return carriesTokenFrom(2, request) ? json(response, 200, {}) : refuse(response);
    }
    await mayAnswer.token;
    return issueToken(response, `token_${++issued}`);
  });
  account = await accountAt(server);
});

afterEach(async () => {
  await account[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Lets the endpoint answer no request until the returned function is called. */
function holdAnswers(of: 'token' | 'api'): () => void {
  const { promise, resolve } = deferred();
  mayAnswer[of] = promise;
  return resolve;
}

const requests = () => server.seen.length;

/** The ways in which an app abandons a call. */
const ways = {
  'an unsubscribed Observable': () => {
    const call = account.http.get('/x').subscribe({ error: () => {} });
    return { abandon: () => call.unsubscribe(), abandoned: Promise.resolve() };
  },
  'an unsubscribed Observable with its own cancel token': () => {
    const { token: cancelToken } = axios.CancelToken.source();
    const call = account.http.get('/x', { cancelToken }).subscribe({ error: () => {} });
    return { abandon: () => call.unsubscribe(), abandoned: Promise.resolve() };
  },
  'a cancelled cancel token of an Observable': () => {
    const source = axios.CancelToken.source();
    const call = firstValueFrom(account.http.get('/x', { cancelToken: source.token }));
    const abandoned = rejectionOf(call).then((error) =>
      expect(error).toMatchObject({ code: 'ERR_CANCELED', message: 'gone' }),
    );
    return { abandon: () => source.cancel('gone'), abandoned };
  },
  'an aborted signal': () => {
    const controller = new AbortController();
    const call = rejectionOf(account.http.axiosRef.get('/x', { signal: controller.signal }));
    const abandoned = call.then((error) => {
      expect(error).toMatchObject({ name: 'CanceledError', code: 'ERR_CANCELED' });
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    });
    return { abandon: () => controller.abort(), abandoned };
  },
};

describe.each(Object.entries(ways))('%s', (_, call) => {
  it('sends nothing if the call was waiting for the token', async () => {
    const answerTokenRequests = holdAnswers('token');
    const { abandon, abandoned } = call();
    await waitUntil(() => requests() === 1);
    abandon();
    await abandoned;
    answerTokenRequests();
    await account.tokens.getToken();
    expect(apiRequests(server)).toEqual([]);
  });

  it('ends a request in flight, whose 401 is not replayed', async () => {
    const answerApi = holdAnswers('api');
    const { abandon, abandoned } = call();
    await waitUntil(() => requests() === 2);
    abandon();
    await abandoned;
    answerApi();
    await account.tokens.renew();
    expect(apiRequests(server)).toHaveLength(1);
  });

  it('prevents the replay if the call was waiting for the renewal', async () => {
    await account.tokens.getToken();
    const answerTokenRequests = holdAnswers('token');
    const { abandon, abandoned } = call();
    await waitUntil(() => requests() === 3);
    abandon();
    await abandoned;
    answerTokenRequests();
    // Joins the renewal, which continues.
    expect(await account.tokens.renew()).toBe('token_2');
    expect(apiRequests(server)).toHaveLength(1);
  });

  it('leaves other calls their token and their replay', async () => {
    await account.tokens.getToken();
    const answerTokenRequests = holdAnswers('token');
    const { abandon, abandoned } = call();
    const other = firstValueFrom(account.http.get('/other'));
    await waitUntil(() => requests() === 4);
    abandon();
    await abandoned;
    answerTokenRequests();
    expect((await other).status).toBe(200);
    const urls = apiRequests(server).map(({ url }) => url);
    expect(urls.toSorted()).toEqual(['/other', '/other', '/x']);
    expect(issued).toBe(2);
  });
});

describe('a signal that is aborted when the renewal has just completed', () => {
  it('prevents the replay', async () => {
    const controller = new AbortController();
    const renew = account.tokens.renew.bind(account.tokens);
    account.tokens.renew = async (options) => {
      const token = await renew(options);
      controller.abort();
      return token;
    };
    const { signal } = controller;
    const error = await rejectionOf(account.http.axiosRef.get('/x', { signal }));
    expect(error).toMatchObject({ code: 'ERR_CANCELED' });
    expect(issued).toBe(2);
    expect(apiRequests(server)).toHaveLength(1);
  });
});

describe('an unsubscribed Observable of a stream', () => {
  it('is not replayed', async () => {
    await account.tokens.getToken();
    const answerTokenRequests = holdAnswers('token');
    const subscription = account.http
      .get('/x', { responseType: 'stream' })
      .subscribe({ error: () => {} });
    await waitUntil(() => requests() === 3);
    subscription.unsubscribe();
    answerTokenRequests();
    expect(await account.tokens.renew()).toBe('token_2');
    expect(apiRequests(server)).toHaveLength(1);
  });
});

describe('a signal', () => {
  it('has no listener of the library after a call with a renewal', async () => {
    const { signal } = new AbortController();
    await account.http.axiosRef.get('/x', { signal });
    expect(apiRequests(server)).toHaveLength(2);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('that is already aborted stops the call before a request is sent', async () => {
    const signal = AbortSignal.abort();
    const error = await rejectionOf(account.http.axiosRef.get('/x', { signal }));
    expect(error).toMatchObject({ code: 'ERR_CANCELED' });
    expect(server.seen).toEqual([]);
  });
});

describe("a request's timeout", () => {
  it('ends its wait for the token, and the token request continues', async () => {
    freezeTime();
    const answerTokenRequests = holdAnswers('token');
    const call = rejectionOf(account.http.axiosRef.get('/x', { timeout: 20 }));
    await waitUntil(() => requests() === 1);
    await advance(20);
    expect(await call).toMatchObject({ code: 'token_wait_timeout', retryable: true });
    answerTokenRequests();
    expect(await settle(account.tokens.getToken())).toBe('token_1');
    expect(requests()).toBe(1);
  });

  it('ends its wait for the renewal, with the 401 as the cause', async () => {
    freezeTime();
    await account.tokens.getToken();
    const answerTokenRequests = holdAnswers('token');
    // Less than tokenTimeout. For the answer of the API axios measures in real time, which is not frozen.
    const call = rejectionOf(account.http.axiosRef.get('/x', { timeout: 9_000 }));
    await waitUntil(() => requests() === 3);
    await advance(9_000);
    expect(await call).toMatchObject({
      code: 'token_wait_timeout',
      cause: { response: { status: 401, data: { message: 'Unauthenticated.' } } },
    });
    answerTokenRequests();
  });

  it('of 0 is no limit', async () => {
    await account.http.axiosRef.get('/x', { timeout: 0 });
    expect(apiRequests(server)).toHaveLength(2);
  });

  it('that is not a number is rejected by axios', async () => {
    // @ts-expect-error Not a number.
    const error = await rejectionOf(account.http.axiosRef.get('/x', { timeout: 'soon' }));
    expect(error).toMatchObject({ isAxiosError: true, code: 'ERR_BAD_OPTION_VALUE' });
  });
});
