import { setImmediate } from 'node:timers';
import { LRUCache } from 'lru-cache';
import { SYSTEM_CLOCK } from '../async/clock.js';
import { startTimeout } from '../async/long-timeout.js';
import type { KeptAccount } from './kept-account.js';

// How often idle accounts whose time is over are looked for, as a part of that time.
const SWEEPS = 10;

// No more are handed out in one turn of the event loop, so that room is made also where nobody waits for I/O.
const MOST_IN_A_TURN = 1_000;

export interface AccountCacheSetup {
  readonly max: number;
  /** ms */
  readonly idleAfterMs: number;
}

/**
 * The accounts that are kept: those in use, and those that are idle, in the order of their last use. Only an idle one
 * goes; while more than `max` are in use, all of them stay. One that is renewed while nobody waits for it keeps its
 * place in that order, and stays as well.
 *
 * A use ends, and room is made, only after a turn of the event loop: by then whoever was handed an account in it uses
 * it, and what became of a token request has been told.
 */
export class AccountCache {
  readonly #inUse = new Map<string, KeptAccount>();
  // Those of `#inUse` whose use may have ended in this turn.
  readonly #ended = new Set<KeptAccount>();
  // Those of `#inUse` that are renewed, and whose turn to go came meanwhile.
  readonly #leaving = new Set<KeptAccount>();
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
        if (!account.isRenewing) return letGo(account);
        this.#inUse.set(key, account);
        this.#leaving.add(account);
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

  /** Whether a new account may be added in this turn of the event loop. */
  get mayAdd(): boolean {
    return this.#ended.size < MOST_IN_A_TURN;
  }

  /** Keeps a new account, in the place of an outdated one. It is handed out now, which is a use. */
  add(account: KeptAccount): void {
    this.delete(account.key);
    this.#inUse.set(account.key, account);
    this.#endAfterTurn(account);
  }

  /** An account begins to be in use, or is idle again; one that is kept no more stays so. */
  changed(account: KeptAccount, isInUse: boolean): void {
    const { key } = account;
    if (this.get(key) !== account) return;
    if (isInUse) {
      this.#leaving.delete(account);
      this.#idle.delete(key);
      this.#inUse.set(key, account);
    } else {
      this.#endAfterTurn(account);
    }
  }

  /**
   * The renewal of an account is over. It kept its place among those that are idle; where its turn to go came meanwhile,
   * it goes after this turn, unless there is room for it.
   */
  renewed(account: KeptAccount): void {
    if (this.#inUse.get(account.key) === account) this.#endAfterTurn(account);
  }

  /** The next `get` is to make it anew: it goes when its use has ended, if it has not been replaced before. */
  outdate(account: KeptAccount): void {
    account.isOutdated = true;
    this.changed(account, true);
    if (this.#inUse.get(account.key) === account) this.#endAfterTurn(account);
  }

  /** Lets an account go. */
  delete(key: string): boolean {
    const account = this.get(key);
    if (!account) return false;
    this.#forgetUse(account);
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

  #endAfterTurn(account: KeptAccount): void {
    if (this.#ended.size === 0) setImmediate(() => this.#endUses());
    // In the order of their ends.
    this.#ended.delete(account);
    this.#ended.add(account);
  }

  #endUses(): void {
    const ended = [...this.#ended].filter((each) => this.#inUse.get(each.key) === each);
    this.#ended.clear();
    for (const account of ended) {
      if (!account.isInUse && !account.isRenewing) this.#endUse(account);
    }
    while (this.size - this.#leaving.size > this.#max && this.#idle.size > 0) this.#idle.pop();
  }

  #endUse(account: KeptAccount): void {
    const { key, usedAt } = account;
    const isToGo = this.#leaving.has(account) && this.size > this.#max;
    if (isToGo || account.isOutdated) return void this.delete(key);
    this.#forgetUse(account);
    this.#idle.set(key, account, { start: usedAt });
  }

  #forgetUse(account: KeptAccount): void {
    this.#inUse.delete(account.key);
    this.#leaving.delete(account);
  }
}
