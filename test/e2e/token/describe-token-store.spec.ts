import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenStore } from '../../../lib/index.js';
import { describeTokenStore } from '../../../lib/testing/index.js';
import { MapTokenStore } from '../../support/map-token-store.js';
import { repositoryText } from '../../support/repository.js';
import { freezeTime } from '../../support/time.js';

// The rules sleep until an entry ends. Here a sleep moves the clock instead.
beforeEach(() => {
  freezeTime();
  const sleep = async (ms?: number) => vi.advanceTimersByTime(ms ?? 0);
  vi.spyOn(timers, 'setTimeout').mockImplementation(sleep);
  syncBuiltinESMExports();
});

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

describe('the store that README prints', () => {
  it('is the one of these tests', () => {
    const printed = /^\/\/ map-token-store\.ts\n.*?(export class .*?\n\})\n```/ms;
    const [, code] = printed.exec(repositoryText('README.md')) ?? [];
    expect(code).toMatch(/^export class MapTokenStore/);
    expect(repositoryText('test/support/map-token-store.ts')).toContain(code);
  });

  // Registers its tests on the runner of this file.
  describeTokenStore(() => new MapTokenStore());
});

describe('describeTokenStore', () => {
  it('finds no fault in a correct store, on a runner that is passed to it', async () => {
    expect(await brokenRules(() => new MapTokenStore())).toEqual([]);
  });

  it.each<[string, (store: TokenStore) => void]>([
    ['forgets what was written', (store) => (store.write = async () => {})],
    ['gives a lease to every owner', (store) => (store.lease = async () => true)],
    ['gives a lease to no owner', (store) => (store.lease = async () => false)],
    ['releases no lease', (store) => (store.release = async () => {})],
    // @ts-expect-error a store in JavaScript that reads null
    ['reads null', (store) => (store.read = async () => null)],
    ['mixes keys', (store) => (store.read = async () => 'one')],
    ['keeps an entry for ever', (store) => keepForEver(store)],
  ])('finds a store that %s', async (_, breakStore) => {
    const broken = await brokenRules(() => {
      const store = new MapTokenStore();
      breakStore(store);
      return store;
    });
    expect(broken).not.toEqual([]);
  });
});

function keepForEver(store: TokenStore): void {
  const write = store.write.bind(store);
  store.write = (key, value) => write(key, value, Number.MAX_SAFE_INTEGER);
}

/** The names of the rules that a store breaks. */
async function brokenRules(make: () => TokenStore): Promise<string[]> {
  const tests: [name: string, test: () => Promise<void>][] = [];
  describeTokenStore(make, {
    describe: (_, register) => register(),
    it: (name, test) => tests.push([name, test]),
  });
  const broken: string[] = [];
  // One after the other, because a sleep of one rule moves the clock of all.
  for (const [name, test] of tests) await test().catch(() => broken.push(name));
  return broken;
}
