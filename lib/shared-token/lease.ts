import type { Clock } from '../async/clock.js';
import type { TokenStore } from '../options/token-store.interface.js';
import { randomId } from './random.js';
import type { StoreGuard } from './store-guard.js';

// What the store is asked before and after a token request, which tokenTimeout limits.
const MARGIN_MS = 1_000;

/** How long a lease lasts: as long as an acquisition may, and a little more. @param tokenTimeout ms */
export function leaseLifetime(tokenTimeout: number): number {
  return Math.ceil(tokenTimeout) + MARGIN_MS;
}

/** The right to ask for the token of one key, while the others wait. */
export class Lease {
  // Known from when it is asked for: what was not answered may have been done.
  #owner: string | undefined;
  #isTaken = false;
  #askedAt = { wall: 0, monotonic: 0 };

  constructor(
    readonly key: string,
    private readonly lifetimeMs: number,
    private readonly guard: StoreGuard,
    private readonly clock: Clock,
  ) {}

  /** Whether it is ours beyond doubt: as long as either clock has it, from before the store was asked. */
  get isHeld(): boolean {
    const { clock, lifetimeMs } = this;
    if (!this.#isTaken) return false;
    const { wall, monotonic } = this.#askedAt;
    return Math.max(clock.now() - wall, clock.monotonic() - monotonic) < lifetimeMs;
  }

  /** Takes it; false while another owner holds it, undefined where the store cannot be used. */
  async take(): Promise<boolean | undefined> {
    const { key, lifetimeMs, guard, clock } = this;
    const owner = randomId();
    this.#owner = owner;
    this.#isTaken = false;
    this.#askedAt = { wall: clock.now(), monotonic: clock.monotonic() };
    const answer = await guard.ask(
      (store) => store.lease(key, owner, lifetimeMs),
      // Nobody waits for this any more, so nobody else shall wait for us; the guard asks nothing by now.
      (isTaken, store) => void (isTaken && releaseLate(store, key, owner)),
    );
    if (answer) {
      this.#isTaken = answer.said;
      if (!answer.said) this.#owner = undefined;
    }
    return answer?.said;
  }

  /** Gives it back, if it is ours; another owner's stays. */
  async release(): Promise<void> {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#isTaken = false;
    const answer = await this.guard.ask((store) => store.release(this.key, owner));
    if (answer) this.#owner = undefined;
  }
}

async function releaseLate(store: TokenStore, key: string, owner: string): Promise<void> {
  // Where that fails too, the lease ends by itself.
  await store.release(key, owner).catch(() => {});
}
