import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DokStampCredentials } from '../../../lib/index.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { issueToken, json } from '../../support/stub-server.js';
import { elapse, freezeTime, idle, jumpWallClock } from '../../support/time.js';
import { answering, failureOf, withoutTime } from '../../support/token-failure.js';
import { type TokenHarness, tokenHarness } from '../../support/token-harness.js';

const OLD = { clientId: 'client-1', clientSecret: 'old-secret' };
const NEW = { clientId: 'client-2', clientSecret: 'new-secret' };

let dokStamp: MemoryDokStamp;
/** The pair that the token endpoint accepts. */
let accepted: DokStampCredentials;
/** What the credentials function gives from its second call on. The first call gives `OLD`. */
let given: DokStampCredentials | Promise<never>;
let isFirstRead: boolean;
/** How long the credentials function takes to give the pair that it knew when it was called. */
let takesMs: number;
let reads: number;

beforeEach(() => {
  freezeTime();
  [accepted, given, isFirstRead, takesMs, reads] = [NEW, OLD, true, 0, 0];
  dokStamp = new MemoryDokStamp();
  dokStamp.tokenEndpoint = ({ body }, response) => {
    const form = new URLSearchParams(body.toString());
    const isAccepted =
      form.get('client_id') === accepted.clientId &&
      form.get('client_secret') === accepted.clientSecret;
    if (isAccepted) issueToken(response, `token_${dokStamp.tokenRequests}`);
    else json(response, 401, { error: 'invalid_client' });
  };
});

async function credentials(): Promise<DokStampCredentials> {
  reads++;
  const pair = isFirstRead ? OLD : given;
  isFirstRead = false;
  if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
  return { ...(await pair) };
}

const account = (options: { tokenTimeout?: number } = {}): Promise<TokenHarness> => {
  const { baseURL, http } = dokStamp.options;
  return tokenHarness({ baseURL, http, credentials, ...options });
};

/** An account whose credentials were refused a second ago, so that they may be read again. */
async function refusedAccount(): Promise<TokenHarness> {
  const harness = await account();
  expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
  await elapse(1_000);
  [dokStamp.tokenRequests, reads] = [0, 0];
  return harness;
}

const never = () => new Promise<never>(() => {});

describe('refused credentials', () => {
  it.each([
    ['id', { ...OLD, clientId: 'client-2' }],
    ['secret', { ...OLD, clientSecret: 'new-secret' }],
  ])('are read again at once, and another %s is tried in the same acquisition', async (_, pair) => {
    accepted = given = pair;
    await using harness = await account();
    expect(await withoutTime(harness.tokens.getToken())).toBe('token_2');
    expect({ reads, requests: dokStamp.tokenRequests }).toEqual({ reads: 2, requests: 2 });
  });

  it('are tried again only once in one acquisition, however often they are rotated', async () => {
    const { baseURL, http } = dokStamp.options;
    let version = 0;
    const rotating = () => ({ clientId: 'client-1', clientSecret: `secret-${++version}` });
    const refuse = dokStamp.tokenEndpoint;
    dokStamp.tokenEndpoint = (request, response) =>
      void setTimeout(() => refuse?.(request, response), 1_100);
    await using harness = await tokenHarness({ baseURL, http, credentials: rotating });
    const failure = failureOf(harness.tokens.getToken());
    await elapse(3_000);
    expect(await failure).toMatchObject({ code: 'invalid_client', attempts: 2 });
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('are not tried again if they are the same', async () => {
    await using harness = await account();
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({
      code: 'invalid_client',
      attempts: 1,
    });
    expect({ reads, requests: dokStamp.tokenRequests }).toEqual({ reads: 2, requests: 1 });
  });

  it('are read at most once a second, and cause no request while they are the same', async () => {
    await using harness = await account();
    await failureOf(harness.tokens.getToken());
    reads = 0;
    for (let call = 0; call < 50; call++) {
      const calls = [harness.tokens.getToken(), harness.tokens.renew()].map(failureOf);
      for (const error of await Promise.all(calls)) expect(error.code).toBe('invalid_client');
      await elapse(100);
    }
    // After 1, 2, 3 and 4 s.
    expect(reads).toBe(4);
    expect(dokStamp.tokenRequests).toBe(1);
    given = NEW;
    expect(await withoutTime(harness.tokens.getToken())).toBe('token_2');
  });

  it('are not read more often if the wall clock jumps', async () => {
    await using harness = await refusedAccount();
    await failureOf(harness.tokens.getToken());
    jumpWallClock(3_600_000);
    await failureOf(harness.tokens.getToken());
    expect(reads).toBe(1);
    jumpWallClock(-7_200_000);
    await elapse(1_000);
    await failureOf(harness.tokens.getToken());
    expect(reads).toBe(2);
  });

  it.each([
    ['hang', never],
    ['throw', () => Promise.reject(new Error('The vault is sealed.'))],
  ])('stay refused if reading them again %ss', async (_, reread) => {
    given = reread();
    given.catch(() => {});
    await using harness = await account();
    const failure = failureOf(harness.tokens.getToken());
    await elapse(1_000);
    const error = await failure;
    expect(error).toMatchObject({ code: 'invalid_client', attempts: 1 });
    expect(harness.tokens.status.blockedUntil).toEqual(error.retryAt);
    expect(Number(error.retryAt) - Date.now()).toBeGreaterThan(28_000);
    expect(harness.log).toMatchObject([{ level: 'error' }]);
    expect(harness.events).toMatchObject([{ type: 'credentials-rejected' }]);
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
  });

  it('stay refused if tokenTimeout ends the second read', async () => {
    given = never();
    await using harness = await account({ tokenTimeout: 300 });
    const failure = failureOf(harness.tokens.getToken());
    await elapse(300);
    expect(await failure).toMatchObject({ code: 'invalid_client' });
  });

  it('are reported with a remedy that depends on where they come from', async () => {
    await using constant = await tokenHarness(dokStamp.options);
    expect((await failureOf(constant.tokens.getToken())).message).toMatch(
      /account manager.*Restart the app/,
    );
    await using read = await account();
    const { message } = await failureOf(read.tokens.getToken());
    expect(message).toMatch(/account manager/);
    expect(message).not.toMatch(/restart/);
  });
});

describe('a call while credentials are refused', () => {
  it('waits for a read that takes less than a second', async () => {
    await using harness = await refusedAccount();
    [takesMs, given] = [900, NEW];
    const token = harness.tokens.getToken();
    // The pair is read once more for the token request.
    await elapse(1_800);
    expect(await withoutTime(token)).toMatch(/^token_/);
    expect(reads).toBe(2);
  });

  it('is rejected after a second if the read takes longer, and the next call uses its result', async () => {
    await using harness = await refusedAccount();
    [takesMs, given] = [1_300, NEW];
    const impatient = failureOf(harness.tokens.getToken());
    await elapse(1_000);
    expect(await impatient).toMatchObject({ code: 'invalid_client' });
    await elapse(300);
    takesMs = 0;
    expect(await withoutTime(harness.tokens.getToken())).toMatch(/^token_/);
    expect(dokStamp.tokenRequests).toBe(1);
  });

  it('is served even if every read takes longer than a call waits', async () => {
    await using harness = await refusedAccount();
    [takesMs, given] = [1_300, NEW];
    const impatient = failureOf(harness.tokens.getToken());
    await elapse(1_400);
    await impatient;
    const served = harness.tokens.getToken();
    await elapse(1_400);
    expect(await withoutTime(served)).toMatch(/^token_/);
  });

  it('is rejected at once if another call waits for the read', async () => {
    await using harness = await refusedAccount();
    given = never();
    const waits = failureOf(harness.tokens.getToken());
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
    await elapse(1_000);
    expect(await waits).toMatchObject({ code: 'invalid_client' });
    for (let call = 0; call < 5; call++) {
      await elapse(1_500);
      expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
    }
    expect(reads).toBe(1);
  });

  it('ends its wait by its own timeout', async () => {
    await using harness = await refusedAccount();
    given = never();
    const failure = failureOf(harness.tokens.getToken({ timeout: 200 }));
    await elapse(200);
    expect(await failure).toMatchObject({ code: 'token_wait_timeout' });
  });

  it('ends its wait by its own signal', async () => {
    await using harness = await refusedAccount();
    given = never();
    const mine = new AbortController();
    const failure = failureOf(harness.tokens.getToken({ signal: mine.signal }));
    await idle();
    mine.abort(new Error('gone'));
    expect(await failure).toMatchObject({ message: 'gone' });
  });

  it('is rejected with closed if the app shuts down meanwhile', async () => {
    const harness = await refusedAccount();
    given = never();
    const failure = failureOf(harness.tokens.getToken());
    await elapse(10);
    await harness[Symbol.asyncDispose]();
    expect(await failure).toMatchObject({ code: 'closed' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('other credentials', () => {
  it('end the pause after another 4xx too', async () => {
    await using harness = await account();
    const { tokenEndpoint } = dokStamp;
    dokStamp.tokenEndpoint = answering(403);
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({
      code: 'token_request_rejected',
    });
    dokStamp.tokenEndpoint = tokenEndpoint;
    given = NEW;
    await elapse(1_000);
    expect(await withoutTime(harness.tokens.getToken())).toMatch(/^token_/);
  });

  it.each([
    [503, 'token_request_failed'],
    [429, 'token_rate_limited'],
    [200, 'token_response_invalid'],
  ])('do not end the pause after a %d', async (status, code) => {
    await using harness = await account();
    dokStamp.tokenEndpoint = answering(status);
    await failureOf(harness.tokens.getToken());
    const requests = dokStamp.tokenRequests;
    given = NEW;
    await elapse(999);
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code });
    expect(dokStamp.tokenRequests).toBe(requests);
  });

  it('that are refused too cause a pause of 30 s', async () => {
    await using harness = await refusedAccount();
    await elapse(29_000);
    expect(harness.tokens.status.blockedUntil).toEqual(new Date(Date.now() + 60_000));
    await elapse(1_000);
    given = { ...OLD, clientId: 'client-3' };
    const { retryAt } = await failureOf(harness.tokens.getToken());
    expect(Number(retryAt) - Date.now()).toBe(30_000);
  });

  it('leave the refusal in the status until they have been tried, without retryAt', async () => {
    await using harness = await refusedAccount();
    given = NEW;
    dokStamp.holds = true;
    const token = harness.tokens.getToken();
    await idle();
    const { state, lastError, blockedUntil } = harness.tokens.status;
    expect({ state, code: lastError?.code }).toEqual({ state: 'absent', code: 'invalid_client' });
    expect(lastError).not.toHaveProperty('retryAt');
    expect(blockedUntil).toBeUndefined();
    dokStamp.release();
    await withoutTime(token);
    expect(harness.tokens.status.lastError).toBeUndefined();
  });
});
