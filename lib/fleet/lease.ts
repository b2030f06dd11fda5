import type { Clock } from '../async/clock.js';
import type { AccountKeys } from './account-keys.js';
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
    private readonly keys: Pick<AccountKeys, 'name' | 'failure'>,
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
    const { lifetimeMs, guard, clock } = this;
    const key = this.keys.name;
    const owner = randomId();
    this.#owner = owner;
    this.#isTaken = false;
    this.#askedAt = { wall: clock.now(), monotonic: clock.monotonic() };
    const answer = await guard.ask(
      (store) => store.lease(key, owner, lifetimeMs),
      // Nobody waits for this any more, so nobody else shall wait for us. Where that fails too, the lease ends by itself.
      async (isTaken, store) => void (isTaken && (await store.release(key, owner))),
    );
    if (answer) {
      this.#isTaken = answer.said;
      if (!answer.said) this.#owner = undefined;
    }
    return answer?.said;
  }

  /**
   * Gives it back and tells those who wait that no token could be had: they then ask at the same time, each on its own, as
   * without a store. A lease that its holder lost, or gave up, tells nothing; the next one asks for all.
   */
  async fail(): Promise<void> {
    const { keys, lifetimeMs, guard } = this;
    if (this.isHeld)
      await guard.ask((store) => store.write(keys.failure, randomId(), Math.ceil(lifetimeMs / 2)));
    await this.release();
  }

  /** Whether a holder has told of late that it could get no token. */
  async hasFailed(): Promise<boolean> {
    const answer = await this.guard.ask((store) => store.read(this.keys.failure));
    return typeof answer?.said === 'string';
  }

  /** Gives it back, if it is ours; another owner's stays. */
  async release(): Promise<void> {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#isTaken = false;
    const answer = await this.guard.ask((store) => store.release(this.keys.name, owner));
    if (answer) this.#owner = undefined;
  }
}
