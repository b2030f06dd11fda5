import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DokStampError } from '../../lib/index.js';
import { accountKeys } from '../../lib/shared-token/account-keys.js';
import {
  FaultyStore,
  fleetWithToken,
  member,
  memberWithToken,
  passUntilDone,
} from '../support/token-fleet.js';
import { rejectionOf } from '../support/requests.js';
import { letGoOn, pass, until } from '../support/token-harness.js';
import { sandbox, setUp, tearDown } from '../support/token-sandbox.js';

let store: FaultyStore;

beforeEach(async () => {
  store = new FaultyStore();
  await setUp();
});
afterEach(tearDown);

const TWELVE_HOURS = 43_200_000;

describe('a fleet with a token store', () => {
  it('makes one token request at a cold start, however many ask', async () => {
    sandbox.tokenEndpoint.delay(500);
    const fleet = await Promise.all(Array.from({ length: 20 }, () => member(store)));
    const tokens = fleet.map((one) => one.tokens.getToken());
    expect(new Set(await passUntilDone(Promise.all(tokens))).size).toBe(1);
    expect(sandbox.tokenRequests).toBe(1);
    const sources = fleet.map(({ events: [event] }) => event?.type === 'issued' && event.source);
    expect(sources.filter((source) => source === 'endpoint')).toHaveLength(1);
    expect(sources.filter((source) => source === 'store')).toHaveLength(19);
    for (const one of fleet) one[Symbol.dispose]();
  });

  it('hands a token that is there to whoever comes later, for as long as it lives', async () => {
    using first = await memberWithToken(store);
    await pass(3_600_000);
    using later = await memberWithToken(store);
    expect(later.token).toBe(first.token);
    expect(later.tokens.status.expiresAt).toEqual(first.tokens.status.expiresAt);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('waits for nobody whose token request failed', async () => {
    sandbox.tokenEndpoint.fail({ status: 503 });
    const fleet = await Promise.all(Array.from({ length: 10 }, () => member(store)));
    const startedAt = performance.now();
    const calls = fleet.map(({ tokens }) => rejectionOf<DokStampError>(tokens.getToken()));
    const errors = await passUntilDone(Promise.all(calls));
    expect(errors.map(({ code }) => code)).toEqual(Array(10).fill('token_request_failed'));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    for (const one of fleet) one[Symbol.dispose]();
  });

  it.each([
    { leftMs: 3_000, tookMs: 800 },
    { leftMs: 500, tookMs: 800 },
    { leftMs: 11_000, tookMs: 8_000 },
  ])(
    'makes one token request of $tookMs ms when it starts cold and the lease of a dead holder lasts for $leftMs ms',
    async ({ leftMs, tookMs }) => {
      const { name } = accountKeys(sandbox.url, sandbox.credentials);
      await store.lease(name, 'dead', leftMs);
      sandbox.tokenEndpoint.delay(tookMs);
      const fleet = await Promise.all(Array.from({ length: 20 }, () => member(store)));
      const tokens = fleet.map((one) => one.tokens.getToken());
      expect(new Set(await passUntilDone(Promise.all(tokens))).size).toBe(1);
      expect(sandbox.tokenRequests).toBe(1);
      for (const one of fleet) one[Symbol.dispose]();
    },
  );

  it('waits once for a lease that never ends, tells it, and shares again when it is gone', async () => {
    const { name } = accountKeys(sandbox.url, sandbox.credentials);
    await store.lease(name, 'nobody', Infinity);
    using one = await member(store);
    await passUntilDone(one.tokens.getToken());
    await letGoOn(one.tokens.renew());
    const types = () => one.events.map(({ type }) => type);
    expect(types()).toEqual(['store-unavailable', 'issued', 'issued']);
    await store.release(name, 'nobody');
    const token = await letGoOn(one.tokens.renew());
    expect(types().slice(3)).toEqual(['store-recovered', 'issued']);
    using later = await memberWithToken(store);
    expect(later.token).toBe(token);
  });

  it('makes one token request when the holder of the lease is shut down', async () => {
    sandbox.tokenEndpoint.delay(800);
    const holder = await member(store);
    holder.tokens.getToken().catch(() => {});
    await until(() => sandbox.tokenRequests === 1);
    const fleet = await Promise.all(Array.from({ length: 10 }, () => member(store)));
    const tokens = Promise.all(fleet.map((one) => one.tokens.getToken()));
    await pass(200);
    holder[Symbol.dispose]();
    expect(new Set(await passUntilDone(tokens)).size).toBe(1);
    expect(sandbox.tokenRequests).toBe(2);
    for (const one of fleet) one[Symbol.dispose]();
  });

  it('waits for a token request that hangs not much longer than a lease', async () => {
    sandbox.tokenEndpoint.hang();
    const fleet = await Promise.all(Array.from({ length: 10 }, () => member(store)));
    const startedAt = performance.now();
    const calls = fleet.map(({ tokens }) => rejectionOf(tokens.getToken()));
    await passUntilDone(Promise.all(calls));
    expect(performance.now() - startedAt).toBeLessThan(26_000);
    for (const one of fleet) one[Symbol.dispose]();
  });

  it('asks the store nothing for a token that is fresh', async () => {
    using one = await memberWithToken(store);
    await pass(0);
    store.asked.length = 0;
    for (let call = 0; call < 1_000; call++) await one.tokens.getToken();
    expect(store.asked).toEqual([]);
  });

  it('makes one token request at renewal', async () => {
    using fleet = await fleetWithToken(store, 5);
    await pass(TWELVE_HOURS - 60_000);
    await pass(2_000, 25);
    await until(() => fleet.every(({ events }) => events.length === 2));
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('adopts a newer token of the store at a 401 before it asks for one', async () => {
    using one = await memberWithToken(store);
    using other = await memberWithToken(store);
    await pass(1_000);
    sandbox.revokeTokens();
    const renewed = await letGoOn(one.tokens.replace(one.token, {}));
    expect(renewed).not.toBe(one.token);
    expect(await letGoOn(other.tokens.replace(other.token, {}))).toBe(renewed);
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('adopts no token that it has seen refused', async () => {
    using one = await memberWithToken(store);
    one.tokens.invalidate(one.token);
    expect(await letGoOn(one.tokens.getToken())).not.toBe(one.token);
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('adopts no token that another account of its process has seen refused, also where that one has gone', async () => {
    const gone = await memberWithToken(store);
    gone.tokens.invalidate(gone.token);
    gone[Symbol.dispose]();
    using one = await memberWithToken(store);
    expect(one.token).not.toBe(gone.token);
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('renews when renew() is called, and takes what another process renewed that moment', async () => {
    using one = await memberWithToken(store);
    using other = await memberWithToken(store);
    await pass(60_000);
    const renewed = await letGoOn(one.tokens.renew());
    expect(renewed).not.toBe(one.token);
    expect(await letGoOn(other.tokens.renew())).toBe(renewed);
    await pass(60_000);
    expect(await letGoOn(other.tokens.renew())).not.toBe(renewed);
    expect(sandbox.tokenRequests).toBe(3);
  });

  it('takes the token of another process while its own gate is closed', async () => {
    using blocked = await member(store);
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 200, times: 1 });
    await expect(letGoOn(blocked.tokens.getToken())).rejects.toMatchObject({
      code: 'token_rate_limited',
    });
    using other = await memberWithToken(store);
    expect(await letGoOn(blocked.tokens.getToken())).toBe(other.token);
    expect(blocked.tokens.status).toMatchObject({ state: 'valid' });
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('makes the planned try where its gate opens while a call looks for the token of another process', async () => {
    using blocked = await member(store);
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 20, times: 1 });
    await expect(letGoOn(blocked.tokens.getToken())).rejects.toMatchObject({
      code: 'token_rate_limited',
    });
    await pass(19_900);
    // The call looks until after the gate has opened, and nothing is there.
    let answer: () => void = () => {};
    store.fault = (operation) =>
      operation === 'read'
        ? new Promise((resolve) => (answer = () => resolve(undefined)))
        : undefined;
    const call = blocked.tokens.getToken();
    await pass(150);
    store.fault = undefined;
    answer();
    expect(await letGoOn(call)).toMatch(/./);
    expect(blocked.tokens.status).toMatchObject({ state: 'valid' });
  });

  it.each([0, 1_000, 2_000])(
    'sends at most 6 commands a process in the lifetime of a token (which takes %d ms)',
    async (ms) => {
      using fleet = await fleetWithToken(store, 12);
      store.asked.length = 0;
      sandbox.tokenEndpoint.delay(ms);
      await pass(TWELVE_HOURS - 90_000);
      await pass(40_000, 25);
      await until(() => fleet.every(({ events }) => events.length === 2));
      expect(store.asked.length).toBeLessThanOrEqual(12 * 6);
      expect(sandbox.tokenRequests).toBe(2);
    },
  );
});

describe('a store that fails', () => {
  const failures = {
    refuses: () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })),
    hangs: () => new Promise(() => {}),
    'cannot be written to': (operation: string) =>
      operation === 'read' ? undefined : Promise.reject(new Error('READONLY You cannot write')),
    'throws what it should reject with': () => {
      throw new Error('OOM command not allowed');
    },
    'answers a lease with nothing': (operation: string) =>
      operation === 'lease' ? Promise.resolve(undefined) : undefined,
  };

  for (const [what, fault] of Object.entries(failures)) {
    it(`that ${what} costs no call more than 250 ms, once, and is told`, async () => {
      store.fault = fault;
      using one = await member(store);
      const token = one.tokens.getToken();
      await pass(250, 50);
      await until(() => one.tokens.status.state === 'valid');
      await token;
      const asked = store.asked.length;
      await letGoOn(one.tokens.renew());
      expect(store.asked).toHaveLength(asked);
      expect(one.events.map(({ type }) => type)).toEqual(['store-unavailable', 'issued', 'issued']);
    });
  }

  it('is down for the account that comes where another one has left', async () => {
    store.fault = failures.hangs;
    for (let nth = 0; nth < 3; nth += 1) {
      using one = await member(store);
      const token = one.tokens.getToken();
      if (nth === 0) await pass(250, 50);
      await letGoOn(token);
    }
    expect(store.asked).toHaveLength(1);
    store.fault = undefined;
    using later = await memberWithToken(store);
    await pass(1_500, 100);
    expect(later.events.at(-1)).toEqual({ type: 'store-recovered' });
  });

  it('is asked at most once a second, and is shared through again once it works', async () => {
    store.fault = () => Promise.reject(new Error('LOADING Redis is loading'));
    using one = await member(store);
    const token = one.tokens.getToken();
    await pass(250, 50);
    await token;
    const asked = store.asked.length;
    await pass(10_000, 100);
    expect(store.asked.length - asked).toBeLessThanOrEqual(10);
    expect(store.asked.length - asked).toBeGreaterThan(4);
    store.fault = undefined;
    await pass(5_000, 100);
    expect(one.events.at(-1)).toEqual({ type: 'store-recovered' });
    using later = await memberWithToken(store);
    expect(later.token).toBe(await token);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it.each(['read', 'write', 'lease', 'release'])(
    'is told once where it fails to %s alone, until it works again',
    async (operation) => {
      using one = await memberWithToken(store);
      store.fault = (asked) =>
        asked === operation ? Promise.reject(new Error('NOPERM no permission')) : undefined;
      await letGoOn(one.tokens.renew());
      await pass(10_000, 100);
      const told = () =>
        one.events.map(({ type }) => type).filter((type) => type.startsWith('store'));
      expect(told()).toEqual(['store-unavailable']);
      store.fault = undefined;
      await pass(5_000, 100);
      expect(told()).toEqual(['store-unavailable', 'store-recovered']);
    },
  );

  it('is told once: an episode for each time that it fails', async () => {
    using one = await memberWithToken(store);
    for (let times = 0; times < 2; times++) {
      store.fault = () => Promise.reject(new Error('NOAUTH'));
      await letGoOn(one.tokens.renew());
      await letGoOn(one.tokens.renew());
      store.fault = undefined;
      await pass(3_000, 100);
    }
    const told = one.events.map(({ type }) => type).filter((type) => type.startsWith('store'));
    const episode = ['store-unavailable', 'store-recovered'];
    expect(told).toEqual([...episode, ...episode]);
  });
});
