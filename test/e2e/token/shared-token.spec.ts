import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DokStampError } from '../../../lib/index.js';
import { MapTokenStore } from '../../support/map-token-store.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { bootAccount } from '../../support/app.js';
import { acceptingFrom, rejectionOf } from '../../support/stub-account.js';
import { issueToken } from '../../support/stub-server.js';
import { elapse, freezeTime, idle, jumpWallClock } from '../../support/time.js';
import { answering, failureOf, withoutTime } from '../../support/token-failure.js';
import {
  FaultyStore,
  elapseUntilDone,
  fleetOf,
  killedDuringRequest,
  member,
  memberWithToken,
} from '../../support/token-fleet.js';

const TWELVE_HOURS = 43_200_000;

let dokStamp: MemoryDokStamp;
let store: FaultyStore;

// The code for a store is loaded at its first use, in real time.
beforeAll(async () => {
  await using first = await member(new MemoryDokStamp(), new MapTokenStore());
  await first.tokens.getToken();
});

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
  store = new FaultyStore();
});

/** Each token request takes so long from now on. */
function delayTokens(ms: number): void {
  dokStamp.tokenEndpoint = (_, response) => {
    const token = `token_${dokStamp.tokenRequests}`;
    setTimeout(() => issueToken(response, token), ms);
  };
}

const getTokens = (fleet: Awaited<ReturnType<typeof fleetOf>>) =>
  elapseUntilDone(Promise.all(fleet.map(({ tokens }) => tokens.getToken())));

describe('a fleet', () => {
  it('makes one token request at a cold start, with at most 12 commands per process', async () => {
    delayTokens(1_000);
    await using fleet = await fleetOf(10, dokStamp, store);
    expect(new Set(await getTokens(fleet))).toEqual(new Set(['token_1']));
    expect(dokStamp.tokenRequests).toBe(1);
    const sources = fleet.map(({ events: [event] }) => event?.type === 'issued' && event.source);
    expect(sources.filter((source) => source === 'endpoint')).toHaveLength(1);
    expect(sources.filter((source) => source === 'store')).toHaveLength(9);
    expect(store.commands.length).toBeLessThanOrEqual(10 * 12);
  });

  it.each([0, 1_000, 2_000])(
    'makes one token request per lifetime if it takes %d ms, with at most 6 commands per process',
    async (ms) => {
      await using fleet = await fleetOf(5, dokStamp, store);
      await getTokens(fleet);
      store.commands.length = 0;
      delayTokens(ms);
      await elapse(TWELVE_HOURS - 50_000);
      expect(fleet.map(({ events }) => events.length)).toEqual(Array(5).fill(2));
      expect(dokStamp.tokenRequests).toBe(2);
      expect(store.commands.length).toBeLessThanOrEqual(5 * 6);
    },
  );

  it('sends no command for a fresh token', async () => {
    await using one = await memberWithToken(dokStamp, store);
    await idle();
    store.commands.length = 0;
    for (let call = 0; call < 100; call++) await one.tokens.getToken();
    expect(store.commands).toEqual([]);
  });

  it('shares a token with a process that starts later, and that knows when the token ends', async () => {
    await using first = await memberWithToken(dokStamp, store);
    await elapse(3_600_000);
    await using later = await memberWithToken(dokStamp, store);
    expect(later.token).toBe(first.token);
    expect(later.tokens.status.expiresAt).toEqual(first.tokens.status.expiresAt);
    expect(dokStamp.tokenRequests).toBe(1);
  });

  it.each([-20_000, 600_000])(
    'shares a token with a process whose clock is wrong by %d ms',
    async (ms) => {
      await using first = await memberWithToken(dokStamp, store);
      jumpWallClock(ms);
      await using later = await memberWithToken(dokStamp, store);
      expect(later.token).toBe(first.token);
    },
  );

  it('gives the store neither the token nor the credentials nor the tenant as text', async () => {
    await using one = await memberWithToken(dokStamp, store);
    await idle();
    const { clientId, clientSecret, tenant } = dokStamp.options;
    const texts = store.texts.flatMap((text) => [text, Buffer.from(text, 'base64').toString()]);
    expect(texts.length).toBeGreaterThan(2);
    for (const secret of [one.token, `"${clientId}"`, clientSecret, tenant]) {
      expect(texts.filter((text) => text.includes(String(secret)))).toEqual([]);
    }
  });

  it('makes another token request if the process that makes it shuts down', async () => {
    dokStamp.holds = true;
    const first = await member(dokStamp, store, { startup: 'background' });
    await idle();
    expect(dokStamp.tokenRequests).toBe(1);
    await using fleet = await fleetOf(5, dokStamp, store);
    const tokens = Promise.all(fleet.map(({ tokens: one }) => one.getToken()));
    await elapse(200);
    dokStamp.holds = false;
    await first[Symbol.asyncDispose]();
    expect(new Set(await elapseUntilDone(tokens))).toEqual(new Set(['token_2']));
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it.each([
    { sinceKillMs: 0, tookMs: 800 },
    { sinceKillMs: 8_000, tookMs: 800 },
    { sinceKillMs: 10_500, tookMs: 800 },
    { sinceKillMs: 0, tookMs: 8_000 },
  ])(
    'makes one token request of $tookMs ms if it starts $sinceKillMs ms after a process was killed during its request',
    async ({ sinceKillMs, tookMs }) => {
      const entries = new MapTokenStore();
      await using _ = await killedDuringRequest(dokStamp, entries);
      await elapse(sinceKillMs);
      delayTokens(tookMs);
      await using fleet = await fleetOf(5, dokStamp, new FaultyStore(entries));
      expect(new Set(await getTokens(fleet))).toEqual(new Set(['token_2']));
      expect(dokStamp.tokenRequests).toBe(2);
    },
  );

  it('works with an entry that never ends, and shares tokens again once it is deleted', async () => {
    store.ignoresLifetimes = true;
    await using _ = await killedDuringRequest(dokStamp, store);
    store.ignoresLifetimes = false;
    await using one = await member(dokStamp, store);
    expect(await elapseUntilDone(one.tokens.getToken())).toBe('token_2');
    expect(await elapseUntilDone(one.tokens.renew())).toBe('token_3');
    store.clear();
    expect(await elapseUntilDone(one.tokens.renew())).toBe('token_4');
    await using later = await memberWithToken(dokStamp, store);
    expect(later.token).toBe('token_4');
  });
});

describe('a fleet whose token requests fail', () => {
  it.each([
    ['is unavailable', () => dokStamp.fail(503)],
    ['never answers', () => (dokStamp.holds = true)],
  ])(
    'rejects the calls of all processes if the token endpoint %s, and recovers',
    async (_, fail) => {
      fail();
      await using fleet = await fleetOf(5, dokStamp, store);
      const calls = fleet.map(({ tokens }) => rejectionOf<DokStampError>(tokens.getToken()));
      for (const error of await elapseUntilDone(Promise.all(calls))) {
        expect(error).toMatchObject({ code: 'token_request_failed', retryable: true });
      }
      delayTokens(10);
      dokStamp.release();
      await elapse(40_000);
      expect(fleet.map(({ tokens }) => tokens.status.state)).toEqual(Array(5).fill('valid'));
      expect(new Set(await getTokens(fleet)).size).toBe(1);
    },
  );

  it('shares the token of the one process that can connect', async () => {
    await using offline = await member(dokStamp, store, { http: {} });
    expect((await failureOf(offline.tokens.getToken())).message).toContain('ECONNREFUSED');
    await using other = await memberWithToken(dokStamp, store);
    expect(await withoutTime(offline.tokens.getToken())).toBe(other.token);
    expect(offline.tokens.status.state).toBe('valid');
  });

  it('makes the planned try even if a call is reading the store at that time', async () => {
    dokStamp.fail(503);
    await using one = await member(dokStamp, store);
    const { retryAt } = await failureOf(one.tokens.getToken());
    await elapse(Number(retryAt) - Date.now() - 50);
    let answer = () => {};
    store.fault = () => new Promise((resolve) => (answer = () => resolve(undefined)));
    delayTokens(0);
    const call = one.tokens.getToken();
    await elapse(100);
    store.fault = undefined;
    answer();
    await elapseUntilDone(call);
    expect(one.tokens.status.state).toBe('valid');
  });
});

describe('a process', () => {
  it('adopts the newer token of the store at a 401', async () => {
    const api = new MemoryDokStamp(acceptingFrom(2));
    const options = { ...api.options, tokenStore: store, startup: 'lazy' } as const;
    await using one = await bootAccount(options);
    await using other = await bootAccount(options);
    await elapseUntilDone(Promise.all([one.tokens.getToken(), other.tokens.getToken()]));
    expect(api.tokenRequests).toBe(1);
    await elapse(1_000);
    for (const { http } of [one, other]) {
      const { status } = await elapseUntilDone(http.axiosRef.get('/certificates'));
      expect(status).toBe(200);
    }
    expect(api.tokenRequests).toBe(2);
  });

  it('adopts no token that was refused in it', async () => {
    await using one = await memberWithToken(dokStamp, store);
    one.tokens.invalidate(one.token);
    expect(await elapseUntilDone(one.tokens.getToken())).not.toBe(one.token);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('adopts no token that another of its accounts has seen refused, even if that account has closed', async () => {
    const closed = await memberWithToken(dokStamp, store);
    closed.tokens.invalidate(closed.token);
    await closed[Symbol.asyncDispose]();
    await using one = await memberWithToken(dokStamp, store);
    expect(one.token).not.toBe(closed.token);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('shares the token request of a renew() with another process that renews at the same time', async () => {
    await using fleet = await fleetOf(2, dokStamp, store);
    await getTokens(fleet);
    for (const renewed of ['token_2', 'token_3']) {
      await elapse(60_000);
      const calls = fleet.map(({ tokens }) => tokens.renew());
      expect(await elapseUntilDone(Promise.all(calls))).toEqual([renewed, renewed]);
    }
    expect(dokStamp.tokenRequests).toBe(3);
  });

  it('makes a token request for a renew() some time after another process has renewed', async () => {
    await using fleet = await fleetOf(2, dokStamp, store);
    await getTokens(fleet);
    for (const [nth, { tokens }] of fleet.entries()) {
      await elapse(60_000);
      expect(await elapseUntilDone(tokens.renew())).toBe(`token_${nth + 2}`);
    }
    expect(dokStamp.tokenRequests).toBe(3);
  });

  it('masks the token that it has from another process', async () => {
    await using first = await memberWithToken(dokStamp, store);
    await using later = await memberWithToken(dokStamp, store);
    expect(dokStamp.tokenRequests).toBe(1);
    await elapse(60_000);
    dokStamp.tokenEndpoint = answering(400, { error_description: `Not ${first.token}` });
    const { errorDescription } = await failureOf(later.tokens.renew());
    expect(errorDescription).toBe('Not [masked]');
  });
});
