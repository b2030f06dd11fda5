import { vi } from 'vitest';
import type { DokStampOptions, TokenStore } from '../../lib/index.js';
import { MapTokenStore } from './map-token-store.js';
import type { MemoryDokStamp } from './memory-dokstamp.js';
import { idle } from './time.js';
import { type TokenHarness, tokenHarness } from './token-harness.js';

type Operation = keyof TokenStore;

/** A store in memory that counts its commands, and fails on demand. */
export class FaultyStore implements TokenStore {
  static readonly operations: readonly Operation[] = ['read', 'write', 'lease', 'release'];
  readonly commands: Operation[] = [];
  /** All that the store was given. */
  readonly texts: string[] = [];
  /** Answers in place of the store, unless it returns undefined. It may throw. */
  fault: ((operation: Operation) => Promise<unknown> | undefined) | undefined;
  /** Whether the next entries have no end. */
  ignoresLifetimes = false;
  #entries: TokenStore;

  /** @param entries where another process has its entries too */
  constructor(entries: TokenStore = new MapTokenStore()) {
    this.#entries = entries;
  }

  /** Deletes all entries. */
  clear(): void {
    this.#entries = new MapTokenStore();
  }

  read(key: string) {
    return this.#run('read', [key], () => this.#entries.read(key));
  }
  write(key: string, value: string, lifetimeMs: number) {
    const ms = this.#lifetime(lifetimeMs);
    return this.#run('write', [key, value], () => this.#entries.write(key, value, ms));
  }
  lease(key: string, owner: string, lifetimeMs: number) {
    const ms = this.#lifetime(lifetimeMs);
    return this.#run('lease', [key, owner], () => this.#entries.lease(key, owner, ms));
  }
  release(key: string, owner: string) {
    return this.#run('release', [key, owner], () => this.#entries.release(key, owner));
  }

  #run<T>(operation: Operation, texts: string[], work: () => Promise<T>): Promise<T> {
    this.commands.push(operation);
    this.texts.push(...texts);
    return (this.fault?.(operation) as Promise<T> | undefined) ?? work();
  }

  #lifetime(ms: number): number {
    return this.ignoresLifetimes ? Infinity : ms;
  }
}

/** A process of a fleet, as far as its token is concerned: an app with the store that the others have. */
export function member(
  dokStamp: MemoryDokStamp,
  tokenStore: TokenStore,
  options: Partial<DokStampOptions> = {},
): Promise<TokenHarness> {
  return tokenHarness({ ...dokStamp.options, tokenStore, ...options });
}

/** A process of a fleet that has a token. */
export async function memberWithToken(
  dokStamp: MemoryDokStamp,
  tokenStore: TokenStore,
): Promise<TokenHarness & { readonly token: string }> {
  const harness = await member(dokStamp, tokenStore);
  return Object.assign(harness, { token: await elapseUntilDone(harness.tokens.getToken()) });
}

/** Processes of a fleet; `await using` closes them. */
export async function fleetOf(
  size: number,
  dokStamp: MemoryDokStamp,
  tokenStore: TokenStore,
): Promise<TokenHarness[] & AsyncDisposable> {
  const boots = Array.from({ length: size }, () => member(dokStamp, tokenStore));
  const fleet = await Promise.all(boots);
  return Object.assign(fleet, {
    [Symbol.asyncDispose]: async () => {
      for (const each of fleet) await each[Symbol.asyncDispose]();
    },
  });
}

/** A process that requests a token, and is killed before the response. It gives nothing back to the store. */
export async function killedDuringRequest(
  dokStamp: MemoryDokStamp,
  entries: TokenStore,
): Promise<AsyncDisposable> {
  const store = new FaultyStore(entries);
  dokStamp.holds = true;
  const killed = await member(dokStamp, store, { startup: 'background' });
  await idle();
  dokStamp.holds = false;
  store.fault = () => new Promise(() => {});
  killed.tokens.onModuleDestroy();
  return killed;
}

/** Moves frozen time from timer to timer until the work is done. */
export async function elapseUntilDone<T>(work: Promise<T>, limitMs = 60_000): Promise<T> {
  const tooLate = new Error(`Not done after ${limitMs} ms of frozen time.`);
  const over = new AbortController();
  const end = () => over.abort();
  work.then(end, end);
  const limit = setTimeout(() => over.abort(tooLate), limitMs);
  await idle();
  while (!over.signal.aborted) {
    vi.advanceTimersToNextTimer();
    await idle();
  }
  clearTimeout(limit);
  if (over.signal.reason === tooLate) throw tooLate;
  return work;
}
