import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MapTokenStore } from '../../support/map-token-store.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { elapse, freezeTime } from '../../support/time.js';
import {
  FaultyStore,
  elapseUntilDone,
  member,
  memberWithToken,
} from '../../support/token-fleet.js';
import type { TokenHarness } from '../../support/token-harness.js';

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

const rejects = (message: string, code?: string) => () =>
  Promise.reject(Object.assign(new Error(message), code && { code }));
const hangs = () => new Promise(() => {});

const eventsOfStore = ({ events }: TokenHarness) =>
  events.map(({ type }) => type).filter((type) => type.startsWith('store'));
const linesOfStore = ({ log }: TokenHarness) =>
  log.filter(({ message }) => /token store/i.test(message));

describe('a token store', () => {
  it.each<[string, FaultyStore['fault']]>([
    ['refuses connections', rejects('connect', 'ECONNREFUSED')],
    ['hangs', hangs],
    [
      'is read-only',
      (operation) => (operation === 'read' ? undefined : rejects('READONLY You cannot write')()),
    ],
    [
      'throws instead of rejecting',
      () => {
        throw new Error('OOM command not allowed');
      },
    ],
    [
      'answers a command with nothing',
      (operation) => (operation === 'lease' ? Promise.resolve() : undefined),
    ],
  ])('that %s costs one call at most 250 ms, and is reported once', async (_, fault) => {
    store.fault = fault;
    await using one = await member(dokStamp, store);
    const startedAt = Date.now();
    expect(await elapseUntilDone(one.tokens.getToken())).toBe('token_1');
    expect(Date.now() - startedAt).toBeLessThanOrEqual(250);
    const sent = store.commands.length;
    const renewedAt = Date.now();
    expect(await elapseUntilDone(one.tokens.renew())).toBe('token_2');
    expect(Date.now()).toBe(renewedAt);
    expect(store.commands).toHaveLength(sent);
    expect(eventsOfStore(one)).toEqual(['store-unavailable']);
    expect(linesOfStore(one)).toEqual([
      { level: 'warn', message: expect.stringContaining('token store') },
    ]);
  });

  it('that is down is not tried again for each account of the process', async () => {
    store.fault = hangs;
    for (let account = 0; account < 3; account++) {
      await using one = await member(dokStamp, store);
      await elapseUntilDone(one.tokens.getToken());
    }
    expect(store.commands).toHaveLength(1);
  });

  it('that is down is tried at most once a second', async () => {
    store.fault = rejects('LOADING Redis is loading');
    await using one = await member(dokStamp, store);
    await elapseUntilDone(one.tokens.getToken());
    store.commands.length = 0;
    for (let call = 0; call < 20; call++) {
      await elapse(500);
      await elapseUntilDone(one.tokens.renew());
    }
    expect(store.commands.length).toBeGreaterThan(4);
    expect(store.commands.length).toBeLessThanOrEqual(10);
  });

  it('that works again is used again', async () => {
    store.fault = rejects('LOADING Redis is loading');
    await using one = await member(dokStamp, store);
    await elapseUntilDone(one.tokens.getToken());
    store.fault = undefined;
    await elapse(5_000);
    const renewed = await elapseUntilDone(one.tokens.renew());
    expect(eventsOfStore(one)).toEqual(['store-unavailable', 'store-recovered']);
    expect(linesOfStore(one)).toHaveLength(2);
    await using later = await memberWithToken(dokStamp, store);
    expect(later.token).toBe(renewed);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it.each(FaultyStore.operations)('that fails to %s alone is reported once', async (operation) => {
    await using one = await memberWithToken(dokStamp, store);
    const reject = rejects('NOPERM no permission');
    store.fault = (sent) => (sent === operation ? reject() : undefined);
    await elapseUntilDone(one.tokens.renew());
    await elapse(10_000);
    expect(eventsOfStore(one)).toEqual(['store-unavailable']);
    store.fault = undefined;
    await elapse(5_000);
    await elapseUntilDone(one.tokens.renew());
    expect(eventsOfStore(one)).toEqual(['store-unavailable', 'store-recovered']);
  });

  it('that fails twice is reported twice', async () => {
    await using one = await memberWithToken(dokStamp, store);
    for (let outage = 0; outage < 2; outage++) {
      store.fault = rejects('NOAUTH');
      await elapseUntilDone(one.tokens.renew());
      await elapseUntilDone(one.tokens.renew());
      store.fault = undefined;
      await elapse(3_000);
      await elapseUntilDone(one.tokens.renew());
    }
    const outage = ['store-unavailable', 'store-recovered'];
    expect(eventsOfStore(one)).toEqual([...outage, ...outage]);
  });

  it.each<[string, () => unknown]>([
    ['a text of another program', () => 'garbage'],
    ['the token of other credentials', sealedForOthers],
    ['a number', () => 42],
    ['null', () => null],
    ['an object', () => ({ token: 'token_0' })],
  ])('that holds %s counts as empty', async (_, make) => {
    const value = await make();
    store.fault = (operation) => (operation === 'read' ? Promise.resolve(value) : undefined);
    await using one = await member(dokStamp, store);
    expect(await elapseUntilDone(one.tokens.getToken())).toBe('token_1');
    expect(one.tokens.status.state).toBe('valid');
  });
});

/** The largest text that a process with other credentials writes. */
async function sealedForOthers(): Promise<string> {
  const other = new FaultyStore();
  const options = { clientId: 'other', clientSecret: 'secret-2' };
  await using one = await member(new MemoryDokStamp(), other, options);
  await elapseUntilDone(one.tokens.getToken());
  return other.texts.toSorted((a, b) => b.length - a.length)[0] ?? '';
}
