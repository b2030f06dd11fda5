import type { TokenStore } from '../../lib/index.js';

// The class is the one that README prints; test/e2e/token/describe-token-store.spec.ts compares them.
export class MapTokenStore implements TokenStore {
  readonly #entries = new Map<string, { text: string; until: number }>();

  async read(key: string) {
    return this.#get(`value ${key}`);
  }
  async write(key: string, text: string, lifetimeMs: number) {
    this.#entries.set(`value ${key}`, { text, until: Date.now() + lifetimeMs });
  }
  async lease(key: string, owner: string, lifetimeMs: number) {
    if (this.#get(`lease ${key}`) !== undefined) return false;
    this.#entries.set(`lease ${key}`, { text: owner, until: Date.now() + lifetimeMs });
    return true;
  }
  async release(key: string, owner: string) {
    if (this.#get(`lease ${key}`) === owner) this.#entries.delete(`lease ${key}`);
  }
  #get(key: string) {
    const entry = this.#entries.get(key);
    return entry && entry.until > Date.now() ? entry.text : undefined;
  }
}
