import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type LeakingApi,
  TOKEN,
  badJson,
  badStatus,
  echoed,
  halfAnAnswer,
  hang,
  hangUp,
  huge,
  leakingApi,
  redirect,
  watchedAccount,
} from '../../support/leaking-api.js';
import { settleOverTime } from '../../support/settle-over-time.js';
import { rejectionOf } from '../../support/stub-account.js';
import type { Answer } from '../../support/stub-server.js';
import { advance, freezeTime, settle, waitUntil } from '../../support/time.js';

let server: LeakingApi;

beforeEach(async () => {
  freezeTime();
  server = await leakingApi();
});

afterEach(() => server[Symbol.asyncDispose]());

describe('the error of a token request shows neither secret nor token', () => {
  it.each<[string, Answer]>([
    ['401 invalid_client', echoed(401)],
    ['400', echoed(400)],
    ['403', echoed(403)],
    ['429', echoed(429)],
    ['500', echoed(500)],
    ['another success', echoed(201)],
    ['a 200 without a token', echoed(200)],
    ['a redirect', redirect],
    ['bad JSON', badJson],
    ['a long answer', huge],
    ['a status text with the token', badStatus],
    ['a network error', hangUp],
    ['half an answer', halfAnAnswer],
  ])('after %s', async (_, answer) => {
    await using account = await watchedAccount(server);
    // The account cannot know a token that was never issued.
    await account.tokens.getToken();
    account.tokens.invalidate(TOKEN);
    server.tokenEndpoint = answer;
    const call = account.http.axiosRef.get('/certificates');
    const error = await settleOverTime(rejectionOf(call));
    expect(error).toMatchObject({ name: 'DokStampError' });
    account.expectNoLeak(error);
    account.expectNoLeak(await settleOverTime(rejectionOf(account.tokens.getToken())));
    account.expectNothingKept();
  });

  it('after tokenTimeout', async () => {
    server.tokenEndpoint = hang;
    await using account = await watchedAccount(server, { tokenTimeout: 500 });
    const call = account.http.axiosRef.get('/certificates');
    const error = await settleOverTime(rejectionOf(call));
    expect(error).toMatchObject({ code: 'token_request_failed' });
    account.expectNoLeak(error);
    account.expectNothingKept();
  });

  it('after its caller has left, or the app has closed', async () => {
    server.tokenEndpoint = hang;
    await using account = await watchedAccount(server);
    const { axiosRef } = account.http;
    const impatient = rejectionOf(axiosRef.get('/x', { timeout: 20 }));
    await waitUntil(() => server.seen.length === 1);
    await advance(20);
    expect(await impatient).toMatchObject({ code: 'token_wait_timeout' });
    account.expectNoLeak(await impatient);
    const caller = new AbortController();
    const aborted = rejectionOf(axiosRef.get('/x', { signal: caller.signal }));
    caller.abort();
    expect(await aborted).toMatchObject({ code: 'ERR_CANCELED' });
    account.expectNoLeak(await aborted);
    const waiting = rejectionOf(axiosRef.get('/x'));
    await settle(account.app.close());
    expect(await waiting).toMatchObject({ code: 'closed' });
    account.expectNoLeak(await waiting);
    account.expectNothingKept();
  });

  it('with the 401 that triggered it as its cause', async () => {
    await using account = await watchedAccount(server);
    server.api = (request, response) => {
      server.tokenEndpoint = echoed(401);
      return echoed(401)(request, response);
    };
    const error = await settleOverTime(rejectionOf(account.http.axiosRef.get('/certificates')));
    expect(error).toMatchObject({ code: 'invalid_client', cause: { response: { status: 401 } } });
    account.expectNoLeak(error);
    account.expectNothingKept();
  });
});
