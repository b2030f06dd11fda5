import type { DokStampOptions, TokenStore } from '../../lib/index.js';
import { optionsFor } from './app.js';
import { MapTokenStore } from './map-token-store.js';
import { type TokenHarness, letGoOn, pass, tokenHarness } from './token-harness.js';
import { sandbox } from './token-sandbox.js';

/** A `MapTokenStore` that counts what it is asked, and goes wrong on demand. */
export class FaultyStore extends MapTokenStore {
  readonly asked: string[] = [];
  readonly texts = new Map<string, string>();
  fault: ((operation: string) => Promise<unknown> | undefined) | undefined;

  override read(key: string) {
    return this.#ask('read', () => super.read(key));
  }
  override write(key: string, text: string, lifetimeMs: number) {
    this.texts.set(key, text);
    return this.#ask('write', () => super.write(key, text, lifetimeMs));
  }
  override lease(key: string, owner: string, lifetimeMs: number) {
    return this.#ask('lease', () => super.lease(key, owner, lifetimeMs));
  }
  override release(key: string, owner: string) {
    return this.#ask('release', () => super.release(key, owner));
  }
  #ask<T>(operation: string, work: () => Promise<T>): Promise<T> {
    this.asked.push(operation);
    return (this.fault?.(operation) as Promise<T> | undefined) ?? work();
  }
}

/** What one process of a fleet is, as far as its tokens go: a token service on a store that others have too. */
export function member(tokenStore: TokenStore, options: Partial<DokStampOptions> = {}) {
  return tokenHarness({ ...optionsFor(sandbox), tokenStore, ...options });
}

/** The same, with a token. */
export async function memberWithToken(
  tokenStore: TokenStore,
  options?: Partial<DokStampOptions>,
): Promise<TokenHarness & { readonly token: string }> {
  const harness = await member(tokenStore, options);
  return Object.assign(harness, { token: await letGoOn(harness.tokens.getToken()) });
}

/** Lets time go by until the work is done. */
export async function passUntilDone<T>(work: Promise<T>, step = 25): Promise<T> {
  const done = new AbortController();
  const end = () => done.abort();
  work.then(end, end);
  for (let passed = 0; !done.signal.aborted && passed < 60_000; passed += step) await pass(step);
  return work;
}

/** So many processes, with one token. */
export async function fleetWithToken(tokenStore: TokenStore, size: number) {
  const fleet: Awaited<ReturnType<typeof memberWithToken>>[] = [];
  for (let one = 0; one < size; one++) fleet.push(await memberWithToken(tokenStore));
  return Object.assign(fleet, {
    [Symbol.dispose]: () => fleet.forEach((each) => each[Symbol.dispose]()),
  });
}
