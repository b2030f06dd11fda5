import { getEventListeners } from 'node:events';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.js';
import {
  accountAt,
  apiRequests,
  carriesTokenFrom,
  refuse,
  rejectionOf,
} from '../support/requests.js';
import { type StubServer, json, stubServer } from '../support/stub-server.js';
import { until } from '../support/token-harness.js';

let server: StubServer;
let account: TestApp;
let issued: number;
let pause: { token: Promise<void>; api: Promise<void> };

beforeEach(async () => {
  issued = 0;
  pause = { token: Promise.resolve(), api: Promise.resolve() };
  server = await stubServer(async (request, response) => {
    if (request.url !== '/oauth/token') {
      await pause.api;
      return carriesTokenFrom(2, request) ? json(response, 200, {}) : refuse(response);
    }
    await pause.token;
    const access_token = `token_${++issued}`;
    return json(response, 200, { token_type: 'bearer', expires_in: 600, access_token });
  });
  account = await accountAt(server);
});

afterEach(async () => {
  await account[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** A pause that lasts until it is ended. */
function pauseOf(what: 'token' | 'api'): () => void {
  let end = () => {};
  pause[what] = new Promise((resolve) => {
    end = resolve;
  });
  return end;
}

const requests = () => server.seen.length;

/** Something to leave a call by, as the app would. */
const ways = {
  unsubscribing: () => {
    const call = account.http.get('/x').subscribe({ error: () => {} });
    return { leave: () => call.unsubscribe(), left: Promise.resolve() };
  },
  'unsubscribing a call with a cancel token of its own': () => {
    const { token: cancelToken } = axios.CancelToken.source();
    const call = account.http.get('/x', { cancelToken }).subscribe({ error: () => {} });
    return { leave: () => call.unsubscribe(), left: Promise.resolve() };
  },
  'the cancel token of an Observable': () => {
    const source = axios.CancelToken.source();
    const call = firstValueFrom(account.http.get('/x', { cancelToken: source.token }));
    const left = rejectionOf(call).then((error) =>
      expect(error).toMatchObject({ code: 'ERR_CANCELED', message: 'gone' }),
    );
    return { leave: () => source.cancel('gone'), left };
  },
  'an abort': () => {
    const leaving = new AbortController();
    const call = rejectionOf(account.http.axiosRef.get('/x', { signal: leaving.signal }));
    const left = call.then((error) => {
      expect(error).toMatchObject({ name: 'CanceledError', code: 'ERR_CANCELED' });
      expect(getEventListeners(leaving.signal, 'abort')).toEqual([]);
    });
    return { leave: () => leaving.abort(), left };
  },
};

describe.each(Object.entries(ways))('%s', (_, call) => {
  it('while the token is waited for sends nothing', async () => {
    const end = pauseOf('token');
    const { leave, left } = call();
    await until(() => requests() === 1);
    leave();
    await left;
    end();
    await account.tokens.getToken();
    expect(apiRequests(server)).toEqual([]);
  });

  it('while the request is in flight ends it, and a 401 that comes then is not replayed', async () => {
    const end = pauseOf('api');
    const { leave, left } = call();
    await until(() => requests() === 2);
    leave();
    await left;
    end();
    await account.tokens.renew();
    expect(apiRequests(server)).toHaveLength(1);
  });

  it('between the 401 and the replay ends in no replay', async () => {
    await account.tokens.getToken();
    const end = pauseOf('token');
    const { leave, left } = call();
    await until(() => requests() === 3);
    leave();
    await left;
    end();
    // Joins the renewal, which goes on.
    expect(await account.tokens.renew()).toBe('token_2');
    expect(apiRequests(server)).toHaveLength(1);
  });

  it('of one caller leaves the others their token and replay', async () => {
    await account.tokens.getToken();
    const end = pauseOf('token');
    const { leave, left } = call();
    const other = firstValueFrom(account.http.get('/other'));
    await until(() => requests() === 4);
    leave();
    await left;
    end();
    expect((await other).status).toBe(200);
    expect(
      apiRequests(server)
        .map(({ url }) => url)
        .toSorted(),
    ).toEqual(['/other', '/other', '/x']);
    expect(issued).toBe(2);
  });
});

describe('a signal', () => {
  it('has no listener of ours after a call that went through a renewal', async () => {
    const { signal } = new AbortController();
    await account.http.axiosRef.get('/x', { signal });
    expect(apiRequests(server)).toHaveLength(2);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('that is aborted already stops the call before anything is sent', async () => {
    const error = await rejectionOf(
      account.http.axiosRef.get('/x', { signal: AbortSignal.abort() }),
    );
    expect(error).toMatchObject({ code: 'ERR_CANCELED' });
    expect(server.seen).toEqual([]);
  });
});

describe("a request's timeout", () => {
  it('ends its wait for the token, and the request for the token goes on', async () => {
    const end = pauseOf('token');
    const error = await rejectionOf(account.http.axiosRef.get('/x', { timeout: 20 }));
    expect(error).toMatchObject({ code: 'token_wait_timeout', retryable: true });
    end();
    expect(await account.tokens.getToken()).toBe('token_1');
    expect(requests()).toBe(1);
  });

  it('ends its wait for the renewal, with the 401 as the cause', async () => {
    await account.tokens.getToken();
    const end = pauseOf('token');
    const error = await rejectionOf(account.http.axiosRef.get('/x', { timeout: 50 }));
    expect(error).toMatchObject({
      code: 'token_wait_timeout',
      cause: { response: { status: 401, data: { message: 'Unauthenticated.' } } },
    });
    end();
  });

  it('that is no positive number is what axios makes of it', async () => {
    await account.http.axiosRef.get('/x', { timeout: 0 });
    account.tokens.invalidate('token_2');
    const error = await rejectionOf(account.http.axiosRef.get('/x', { timeout: 'soon' as never }));
    expect(error).toMatchObject({ isAxiosError: true, code: 'ERR_BAD_OPTION_VALUE' });
  });
});
