import { LRUCache } from 'lru-cache';
import { SYSTEM_CLOCK } from '../async/clock.js';
import { startTimeout } from '../async/long-timeout.js';
import type { KeptAccount } from './kept-account.js';

// How often idle accounts whose time is over are looked for, as a part of that time.
const SWEEPS = 10;

export interface AccountCacheSetup {
  readonly max: number;
  /** ms */
  readonly idleAfterMs: number;
}

/**
 * The accounts that are kept: those in use, and those that are idle, in the order of their last use. Only an idle one
 * goes; while more than `max` are in use, all of them stay. One that is renewed while nobody waits for it keeps its
 * place in that order, and stays as well.
 */
export class AccountCache {
  readonly #inUse = new Map<string, KeptAccount>();
  readonly #idle: LRUCache<string, KeptAccount>;
  readonly #max: number;
  #stopSweeping: () => void = () => {};

  /** @param letGo told of each account that is kept no more */
  constructor(
    { max, idleAfterMs }: AccountCacheSetup,
    private readonly letGo: (account: KeptAccount) => void,
  ) {
    this.#max = max;
    this.#idle = new LRUCache({
      max,
      ttl: idleAfterMs,
      updateAgeOnGet: true,
      // Else it sets a timer for each millisecond in which it is asked.
      ttlResolution: 0,
      perf: { now: () => SYSTEM_CLOCK.monotonic() },
      dispose: (account, key, reason) => {
        // Ours: it is in use again, or has been let go.
        if (reason === 'delete') return;
        if (account.isRenewing) this.#inUse.set(key, account);
        else letGo(account);
      },
    });
    this.#sweepEvery(Math.max(1_000, Math.min(idleAfterMs / SWEEPS, 60_000)));
  }

  get size(): number {
    return this.#inUse.size + this.#idle.size;
  }

  get(key: string): KeptAccount | undefined {
    // In this order, as one whose time is over may go from those that are idle to those in use by being looked at.
    return this.#idle.get(key) ?? this.#inUse.get(key);
  }

  has(key: string): boolean {
    return this.#inUse.has(key) || this.#idle.has(key);
  }

  /** Keeps a new account, idle; it is about to be used, and so stays where all others are in use. */
  add(account: KeptAccount): void {
    this.#idle.set(account.key, account);
    this.#shrink(1);
  }

  /** An account begins to be in use, or is idle again; one that is kept no more stays so. */
  changed(account: KeptAccount, isInUse: boolean): void {
    const { key } = account;
    if (this.get(key) !== account) return;
    if (isInUse) {
      this.#idle.delete(key);
      this.#inUse.set(key, account);
    } else {
      this.#inUse.delete(key);
      this.#idle.set(key, account, { start: account.usedAt });
      this.#shrink();
    }
  }

  /**
   * The renewal of an account is over. It kept its place among those that are idle; where its turn to go came meanwhile,
   * it goes now, unless there is room for it.
   */
  renewed(account: KeptAccount): void {
    const { key } = account;
    if (this.#inUse.get(key) !== account || account.isInUse) return;
    if (this.size > this.#max) this.delete(key);
    else this.changed(account, false);
  }

  /** Lets an account go. */
  delete(key: string): boolean {
    const account = this.get(key);
    if (!account) return false;
    this.#inUse.delete(key);
    this.#idle.delete(key);
    this.letGo(account);
    return true;
  }

  values(): KeptAccount[] {
    return [...this.#inUse.values(), ...this.#idle.values()];
  }

  /** Nothing is looked for any more; what should have gone goes. */
  stop(): void {
    this.#stopSweeping();
    this.#idle.purgeStale();
  }

  #sweepEvery(ms: number): void {
    const sweep = () => {
      this.#idle.purgeStale();
      this.#sweepEvery(ms);
    };
    // Keeps no process alive.
    this.#stopSweeping = startTimeout(ms, sweep, (handle) => {
      (handle as Partial<NodeJS.Timeout>).unref?.();
    });
  }

  #shrink(leastIdle = 0): void {
    while (this.size > this.#max && this.#idle.size > leastIdle) this.#idle.pop();
  }
}
