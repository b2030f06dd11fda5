import { describe, expect, it, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';
import { Lease } from '../../lib/shared-token/lease.js';
import { guardOf } from '../../lib/shared-token/store-guard.js';
import { MapTokenStore } from '../support/map-token-store.js';

/** Grants a lease when nobody waits for it any more. */
class LateStore extends MapTokenStore {
  readonly released: string[] = [];
  grant = () => {};

  override async lease(key: string, owner: string, lifetimeMs: number) {
    const isTaken = await super.lease(key, owner, lifetimeMs);
    await new Promise<void>((resolve) => (this.grant = resolve));
    return isTaken;
  }

  override async release(key: string, owner: string) {
    this.released.push(key);
    return super.release(key, owner);
  }
}

const KEYS = { name: 'key', failure: 'failure' };

describe('a lease that is granted after its time limit', () => {
  it('is given back, though the store counts as down by then', async () => {
    const store = new LateStore();
    const lease = new Lease(KEYS, 60_000, guardOf(store, SYSTEM_CLOCK), SYSTEM_CLOCK);
    expect(await lease.take()).toBeUndefined();
    expect(lease.isHeld).toBe(false);
    store.grant();
    await vi.waitFor(() => expect(store.released).toEqual(['key']));
  });

  it.each(['throws', 'gives no promise'])(
    'ends by itself where a release, as some store does it, %s',
    async (how) => {
      const store = new LateStore();
      store.release = ((key: string) => {
        store.released.push(key);
        if (how === 'throws') throw new Error('down');
      }) as unknown as LateStore['release'];
      const lease = new Lease(KEYS, 60_000, guardOf(store, SYSTEM_CLOCK), SYSTEM_CLOCK);
      expect(await lease.take()).toBeUndefined();
      store.grant();
      await vi.waitFor(() => expect(store.released).toEqual(['key']));
    },
  );
});
