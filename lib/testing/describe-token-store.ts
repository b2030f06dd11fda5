import { ok, strictEqual } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenStore } from '../options/token-store.interface.js';
import { type TestRunner, currentTestRunner } from './test-runner.js';

const LONG_MS = 60_000;
const SHORT_MS = 200;
// What a server may be late by.
const MARGIN_MS = 300;

/**
 * Tests a token store: registers a `describe` with the rules that any `TokenStore` must keep, on Jest or Vitest.
 * The keys are random, so that a store which keeps its values, as one on a server, need not be emptied.
 * @param make called once in each test
 * @param runner needed where neither runner is found, as on `node:test`
 */
export function describeTokenStore(
  make: () => TokenStore | Promise<TokenStore>,
  runner: TestRunner = currentTestRunner(),
): void {
  const rule = (name: string, test: (store: TokenStore, key: string) => Promise<void>) =>
    runner.it(name, async () => test(await make(), randomUUID()));

  runner.describe('a token store', () => {
    rule('gives undefined for a key that was never written', async (store, key) => {
      strictEqual(await store.read(key), undefined);
    });

    rule('gives what was written last, to the character', async (store, key) => {
      await store.write(key, 'first', LONG_MS);
      const text = `é "\\ \u{1f511}\n${'x'.repeat(100_000)}`;
      await store.write(key, text, LONG_MS);
      strictEqual(await store.read(key), text);
    });

    rule('keeps keys apart', async (store, key) => {
      await store.write(key, 'one', LONG_MS);
      await store.write(`${key}:2`, 'two', LONG_MS);
      strictEqual(await store.read(key), 'one');
      strictEqual(await store.lease(key, 'a', LONG_MS), true);
      strictEqual(await store.lease(`${key}:2`, 'b', LONG_MS), true);
      await Promise.all([store.release(key, 'a'), store.release(`${key}:2`, 'b')]);
    });

    rule('forgets a value when its lifetime is over', async (store, key) => {
      await store.write(key, 'short', SHORT_MS);
      strictEqual(await store.read(key), 'short');
      await sleep(SHORT_MS + MARGIN_MS);
      strictEqual(await store.read(key), undefined);
    });

    rule('takes the lifetime of the last write', async (store, key) => {
      await store.write(key, 'short', SHORT_MS);
      await store.write(key, 'long', LONG_MS);
      await sleep(SHORT_MS + MARGIN_MS);
      strictEqual(await store.read(key), 'long');
    });

    rule('takes a lifetime of a year', async (store, key) => {
      await store.write(key, 'value', 366 * 24 * 3_600_000);
      strictEqual(await store.read(key), 'value');
    });

    rule('gives a lease to one owner, and to no second one while it lasts', async (store, key) => {
      strictEqual(await store.lease(key, 'a', LONG_MS), true);
      strictEqual(await store.lease(key, 'b', LONG_MS), false);
      strictEqual(await store.lease(key, 'a', LONG_MS), false);
      await store.release(key, 'a');
    });

    rule('gives a lease to one of many who ask at once', async (store, key) => {
      const owners = Array.from({ length: 50 }, (_, index) => `owner ${index}`);
      const answers = await Promise.all(owners.map((owner) => store.lease(key, owner, LONG_MS)));
      strictEqual(answers.filter((isTaken) => isTaken).length, 1);
      await store.release(key, owners[answers.indexOf(true)] as string);
    });

    rule('gives a lease again once its owner has released it', async (store, key) => {
      await store.lease(key, 'a', LONG_MS);
      await store.release(key, 'a');
      strictEqual(await store.lease(key, 'b', LONG_MS), true);
      await store.release(key, 'b');
    });

    rule('lets nobody but its owner release a lease', async (store, key) => {
      await store.lease(key, 'a', LONG_MS);
      await store.release(key, 'b');
      strictEqual(await store.lease(key, 'b', LONG_MS), false);
      await store.release(key, 'a');
    });

    rule('ends a lease when its lifetime is over, whoever held it', async (store, key) => {
      await store.lease(key, 'a', SHORT_MS);
      await sleep(SHORT_MS + MARGIN_MS);
      strictEqual(await store.lease(key, 'b', LONG_MS), true);
      // The first owner is late, and must not free the second one's lease.
      await store.release(key, 'a');
      strictEqual(await store.lease(key, 'c', LONG_MS), false);
      await store.release(key, 'b');
    });

    rule('takes the release of a lease that nobody holds', async (store, key) => {
      strictEqual(await store.release(key, 'a'), undefined);
    });

    rule('keeps the value and the lease of one key apart', async (store, key) => {
      ok(await store.lease(key, 'a', LONG_MS));
      strictEqual(await store.read(key), undefined);
      await store.write(key, 'value', LONG_MS);
      strictEqual(await store.lease(key, 'b', LONG_MS), false);
      await store.release(key, 'a');
      strictEqual(await store.read(key), 'value');
    });
  });
}
