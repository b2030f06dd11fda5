import type { TokenStore } from '../options/token-store.interface.js';

/** The app's store, where what is thrown, is no promise or answers a lease with no boolean is a rejection too. */
export function checkedStore(store: TokenStore): TokenStore {
  return {
    read: async (key) => store.read(key),
    write: async (key, value, lifetimeMs) => store.write(key, value, lifetimeMs),
    async lease(key, owner, lifetimeMs) {
      const isTaken: unknown = await store.lease(key, owner, lifetimeMs);
      if (typeof isTaken !== 'boolean')
        throw Object.assign(new Error(), { code: 'LEASE_NOT_BOOLEAN' });
      return isTaken;
    },
    release: async (key, owner) => store.release(key, owner),
  };
}
