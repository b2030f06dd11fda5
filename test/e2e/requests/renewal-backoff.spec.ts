import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { TestApp } from '../../support/app.js';
import { deferred } from '../../support/deferred.js';
import {
  acceptingFrom,
  accountAt,
  apiRequests,
  carriesTokenFrom,
  refuse,
  rejectionOf,
  tokensSeen,
} from '../../support/stub-account.js';
import { type Answer, json, stubDokStamp } from '../../support/stub-server.js';
import { advance, freezeTime, settle, waitUntil } from '../../support/time.js';

beforeEach(() => {
  freezeTime();
});

/** The status of a GET, be it accepted or refused. */
async function statusOf({ http }: TestApp, url = '/x'): Promise<number> {
  return (await http.axiosRef.get(url, { validateStatus: () => true })).status;
}

const refuseAll: Answer = (_, response) => refuse(response);

describe('after a renewal that did not help', () => {
  it('401s trigger no renewal for 1 s, doubling to 5 s, from when the new token was refused', async () => {
    let refusal = deferred();
    await using api = await stubDokStamp(async ({ headers }, response) => {
      // Each token is refused at once, except when it is new.
      if (headers.authorization === `Bearer token_${api.tokenRequests}`) await refusal.promise;
      refuse(response);
    });
    await using account = await accountAt(api);
    await account.tokens.getToken();
    for (const [nth, hold] of [1_000, 2_000, 4_000, 5_000, 5_000].entries()) {
      refusal.resolve();
      refusal = deferred();
      const call = statusOf(account);
      await waitUntil(() => apiRequests(api).length % 2 === 1);
      refusal.resolve();
      refusal = deferred();
      await waitUntil(() => apiRequests(api).length % 2 === 0);
      expect(api.tokenRequests).toBe(nth + 2);
      await advance(900);
      refusal.resolve();
      expect(await call).toBe(401);
      await advance(hold - 1);
      expect([await statusOf(account), await statusOf(account)]).toEqual([401, 401]);
      expect(api.tokenRequests).toBe(nth + 2);
      await advance(1);
    }
  });

  it('each further call is sent once', async () => {
    await using api = await stubDokStamp(refuseAll);
    await using account = await accountAt(api);
    for (let call = 0; call < 100; call++) expect(await statusOf(account)).toBe(401);
    expect(api.tokenRequests).toBe(2);
    expect(apiRequests(api)).toHaveLength(101);
  });

  it('50 concurrent calls count as one', async () => {
    await using api = await stubDokStamp(refuseAll);
    await using account = await accountAt(api);
    await Promise.all(Array.from({ length: 50 }, () => statusOf(account)));
    expect(api.tokenRequests).toBe(2);
    await advance(1_000);
    await statusOf(account);
    expect(api.tokenRequests).toBe(3);
  });

  it.each<[string, object, () => unknown]>([
    ['with replays', {}, () => undefined],
    ['with replay: false', { dokStamp: { replay: false } }, () => undefined],
    ['with stream bodies', {}, () => Readable.from(['x'])],
  ])('calls that succeed do not end the pause, and no call waits, %s', async (_, config, body) => {
    await using api = await stubDokStamp(({ url }, response) =>
      url === '/x?refused=1' ? refuse(response) : json(response, 200, {}),
    );
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    await axiosRef.get('/x');
    const refused = { ...config, params: { refused: 1 } };
    for (let at = 0; at < 7_000; at += 250) {
      const error = rejectionOf(axiosRef.post('/x', body(), refused));
      expect(account.tokens.status.state).toBe('valid');
      expect((await axiosRef.get('/x')).status).toBe(200);
      expect(await error).toMatchObject({ status: 401 });
      await advance(250);
    }
    // Renewals at 0, 1 and 3 s, and later where the refusal of a new token is seen at the next call.
    expect(api.tokenRequests).toBe(4);
  });

  it('the pause is measured by the monotonic clock', async () => {
    await using api = await stubDokStamp(refuseAll);
    await using account = await accountAt(api);
    await statusOf(account);
    vi.setSystemTime(Date.now() + 60_000);
    await statusOf(account);
    expect(api.tokenRequests).toBe(2);
  });

  it.each([200, 403, 404, 422])(
    'a replay that is answered with %d ends the pause',
    async (status) => {
      let first = Infinity;
      await using api = await stubDokStamp((request, response) =>
        carriesTokenFrom(first, request) ? json(response, status, {}) : refuse(response),
      );
      await using account = await accountAt(api);
      await statusOf(account);
      await advance(1_000);
      await statusOf(account);
      await advance(2_000);
      first = 4;
      expect(await statusOf(account)).toBe(status);
      first = 6;
      // Two renewals in a row, 1 s apart, as at the start.
      await statusOf(account);
      expect(api.tokenRequests).toBe(5);
      await advance(1_000);
      expect(await statusOf(account)).toBe(status);
      expect(api.tokenRequests).toBe(6);
    },
  );

  it('a newer token is used during the pause, and ends it if it is accepted', async () => {
    const late = deferred();
    let first = 3;
    await using api = await stubDokStamp(async (request, response) => {
      if (carriesTokenFrom(first, request)) return json(response, 200, {});
      if (request.url === '/late') await late.promise;
      return refuse(response);
    });
    await using account = await accountAt(api);
    expect(await statusOf(account)).toBe(401);
    const call = statusOf(account, '/late');
    await waitUntil(() => tokensSeen(api).length === 3);
    await advance(999);
    await settle(account.tokens.renew());
    late.resolve();
    expect(await call).toBe(200);
    first = 4;
    expect(await statusOf(account)).toBe(200);
    expect(tokensSeen(api).slice(2)).toEqual(['token_2', 'token_3', 'token_3', 'token_4']);
  });
});

describe('whether a renewal helped is not known', () => {
  it.each<[string, Answer]>([
    ['the replay is answered with 429', (_, response) => json(response, 429, {})],
    ['the replay is answered with 502', (_, response) => json(response, 502, {})],
    ['the replay is answered with 503', (_, response) => json(response, 503, {})],
    ['the connection of the replay breaks', (_, response) => response.destroy()],
  ])('if %s: the next 401 renews', async (_, answer) => {
    let isDown = true;
    let first = 2;
    await using api = await stubDokStamp((request, response) => {
      if (!carriesTokenFrom(first, request)) return refuse(response);
      return isDown ? answer(request, response) : json(response, 200, {});
    });
    await using account = await accountAt(api);
    await rejectionOf(account.http.axiosRef.get('/x'));
    isDown = false;
    first = 3;
    expect(await statusOf(account)).toBe(200);
    expect(tokensSeen(api)).toEqual(['token_1', 'token_2', 'token_2', 'token_3']);
  });

  it('if the new token is refused more than 5 s later, because it may be revoked since', async () => {
    let first = 1;
    await using api = await stubDokStamp((request, response) =>
      acceptingFrom(first)(request, response),
    );
    await using account = await accountAt(api, { replayOnUnauthorized: false });
    for (first = 2; first < 6; first++) {
      expect(await statusOf(account)).toBe(401);
      await waitUntil(() => api.tokenRequests === first);
      expect(await statusOf(account)).toBe(200);
      await advance(5_001);
    }
    expect(api.tokenRequests).toBe(5);
  });
});

describe('while the token endpoint is down', () => {
  const byTenant: Answer = ({ headers }, response) =>
    headers['x-tenant'] === 'wrong' ? refuse(response) : json(response, 200, {});

  /** A stub whose token endpoint fails after the first token. */
  async function withoutTokenEndpoint(api: Answer) {
    const stub = await stubDokStamp(api);
    const account = await accountAt(stub);
    await account.tokens.getToken();
    stub.tokenEndpoint = (_, response) => json(response, 503, {});
    return {
      stub,
      account,
      async [Symbol.asyncDispose]() {
        await account[Symbol.asyncDispose]();
        await stub[Symbol.asyncDispose]();
      },
    };
  }

  const failureOf = (call: Promise<unknown>) => settle(rejectionOf(call));

  it('a 401 to a wrong tenant fails no call with the right one', async () => {
    await using it = await withoutTokenEndpoint(byTenant);
    const { axiosRef } = it.account.http;
    for (let round = 0; round < 5; round++) {
      const call = axiosRef.get('/x', { dokStamp: { tenant: 'wrong' } });
      expect(await failureOf(call)).toMatchObject({
        code: 'token_request_failed',
        cause: { response: { status: 401 } },
      });
      expect(await statusOf(it.account)).toBe(200);
    }
    expect(it.account.tokens.status.state).toBe('valid');
  });

  it('a refused token is sent until three answers in a row were 401, then calls reject at once', async () => {
    await using it = await withoutTokenEndpoint(refuseAll);
    for (let call = 0; call < 6; call++) {
      expect(await failureOf(it.account.http.axiosRef.get('/x'))).toMatchObject({
        code: 'token_request_failed',
      });
    }
    expect(apiRequests(it.stub)).toHaveLength(3);
    expect(it.account.tokens.status.state).toBe('blocked');
  });

  it('an accepted answer restarts the count', async () => {
    await using it = await withoutTokenEndpoint(byTenant);
    for (const tenant of ['wrong', 'wrong', 'right', 'wrong', 'wrong', 'right']) {
      const call = it.account.http.axiosRef.get('/x', { dokStamp: { tenant } });
      if (tenant === 'right') await call;
      else await failureOf(call);
    }
    expect(it.account.tokens.status.state).toBe('valid');
  });

  it.each([429, 502, 503])('an answer of %d does not restart the count', async (status) => {
    await using it = await withoutTokenEndpoint(({ url }, response) =>
      url === '/x' ? refuse(response) : json(response, status, {}),
    );
    const { account } = it;
    for (let call = 0; call < 3; call++) {
      expect(account.tokens.status.state).toBe('valid');
      await failureOf(account.http.axiosRef.get('/x'));
      if (call < 2) expect(await statusOf(account, '/gateway')).toBe(status);
    }
    expect(account.tokens.status.state).toBe('blocked');
  });
});

describe('a TokenService that a test overrides', () => {
  it('gives the token of each request, and renews it', async () => {
    await using api = await stubDokStamp(({ headers }, response) =>
      headers.authorization === 'Bearer of-the-test' ? json(response, 200, {}) : refuse(response),
    );
    await using account = await accountAt(api);
    let token = 'first-of-the-test';
    account.tokens.getToken = async () => token;
    account.tokens.renew = async () => (token = 'of-the-test');
    expect([await statusOf(account), await statusOf(account)]).toEqual([200, 200]);
    expect(tokensSeen(api)).toEqual(['first-of-the-test', 'of-the-test', 'of-the-test']);
    expect(api.tokenRequests).toBe(0);
  });

  it('renews no more often than ours if renewals do not help', async () => {
    await using api = await stubDokStamp(refuseAll);
    await using account = await accountAt(api);
    let renewals = 0;
    account.tokens.getToken = async () => `token-${renewals}`;
    account.tokens.renew = async () => `token-${++renewals}`;
    for (let call = 0; call < 20; call++) await statusOf(account);
    expect(renewals).toBe(1);
  });
});
