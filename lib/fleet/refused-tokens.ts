import { createHash } from 'node:crypto';
import type { TokenStore } from '../options/token-store.interface.js';

// For each store. Only what it may still hold need be known, and that is one token for each pair.
const REMEMBERED = 10_000;

const digestsOf = new WeakMap<TokenStore, Set<string>>();

/**
 * The tokens that this process has seen refused, by their digests: what one account has found is known to all that share
 * its store, also when it has gone.
 */
export class RefusedTokens {
  readonly #baseURL: string;
  readonly #digests: Set<string>;

  constructor(store: TokenStore, baseURL: string) {
    this.#baseURL = baseURL;
    this.#digests = digestsOf.get(store) ?? new Set();
    digestsOf.set(store, this.#digests);
  }

  add(accessToken: string): void {
    const digest = this.#digestOf(accessToken);
    this.#digests.delete(digest);
    this.#digests.add(digest);
    if (this.#digests.size > REMEMBERED) {
      this.#digests.delete(this.#digests.values().next().value as string);
    }
  }

  has(accessToken: string): boolean {
    return this.#digests.has(this.#digestOf(accessToken));
  }

  #digestOf(accessToken: string): string {
    const told = JSON.stringify([this.#baseURL, accessToken]);
    return createHash('sha256').update(told).digest('base64');
  }
}
