import { HostLogger } from '../diagnostics/host-logger.js';
import type { Clock } from '../async/clock.js';
import type { TokenStore } from '../options/token-store.interface.js';
import { checkedStore } from './checked-store.js';
import { startResponsiveTimeout } from './responsive-timeout.js';
import { failureWord } from './store-failure.js';
import { LONGEST_PAUSE_MS, StoreProbe } from './store-probe.js';

const TIME_LIMIT_MS = 250;

/** What the store said; undefined where it cannot be used. */
export type StoreAnswer<T> = { readonly said: T } | undefined;

const guards = new WeakMap<TokenStore, StoreGuard>();

/** The guard of this store; all accounts that share the store share it. */
export function guardOf(store: TokenStore, clock: Clock): StoreGuard {
  const guard = guards.get(store) ?? new StoreGuard(store, clock);
  guards.set(store, guard);
  return guard;
}

/**
 * Stands between the accounts and a store that may fail in any way. Each operation ends within 250 ms, by our own
 * timer: clients queue for ever. The first one that fails begins an episode: nobody asks any more, but for a probe,
 * at most once a second, that finds out when the store is back.
 */
export class StoreGuard {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #logger = new HostLogger();
  readonly #listeners = new Set<() => void>();
  readonly #probe: StoreProbe;
  #isDown = false;
  #hasAnswered = false;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(store: TokenStore, clock: Clock) {
    this.#store = checkedStore(store);
    this.#clock = clock;
    this.#probe = new StoreProbe(this.#store, clock, () => this.#recover());
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** @param changed called when the store goes down or is back @returns leaves; without listeners nothing is probed or logged */
  join(changed: () => void): () => void {
    if (this.#listeners.size === 0) this.#remember();
    this.#listeners.add(changed);
    return () => {
      this.#listeners.delete(changed);
      if (this.#listeners.size === 0) this.#probe.stop();
    };
  }

  /** Asks the store; at once undefined while it is down. Never throws. @param late what is to be done where it was said too late */
  ask<T>(
    operation: (store: TokenStore) => Promise<T>,
    late: (said: T, store: TokenStore) => Promise<void> = async () => {},
  ): Promise<StoreAnswer<T>> {
    if (this.#isDown) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      let isOver = false;
      let isUnderWay = false;
      let error: unknown;
      const end = (answer: StoreAnswer<T>) => {
        isOver = true;
        stop();
        resolve(answer);
      };
      const fail = (why: string) => {
        end(undefined);
        this.#fail(why);
      };
      const attempt = () => {
        isUnderWay = true;
        operation(this.#store).then(
          (said) => {
            this.#hasAnswered ||= !isOver;
            if (isOver) void late(said, this.#store).catch(() => {});
            else end({ said });
          },
          (reason: unknown) => {
            isUnderWay = false;
            error = reason;
            // A client that was made a moment ago may refuse what it cannot send yet.
            if (!isOver && this.#hasAnswered) fail(failureWord(reason));
          },
        );
      };
      const stop = startResponsiveTimeout(
        TIME_LIMIT_MS,
        this.#clock,
        () => fail(isUnderWay ? `no answer within ${TIME_LIMIT_MS} ms` : failureWord(error)),
        () => void (isUnderWay || attempt()),
      );
      attempt();
    });
  }

  // What those who have left have found says nothing of now, unless it was a moment ago.
  #remember(): void {
    const isOld = this.#clock.monotonic() - this.#failedAt > LONGEST_PAUSE_MS;
    if (isOld) this.#isDown = false;
    else if (this.#isDown) this.#probe.start();
  }

  #fail(why: string): void {
    this.#failedAt = this.#clock.monotonic();
    if (this.#isDown) return;
    this.#isDown = true;
    if (this.#listeners.size === 0) return;
    this.#logger.write(
      'warn',
      `The token store cannot be used (${why}). Until it can, each process asks for tokens of its own; check the store.`,
    );
    this.#probe.start();
    this.#tell();
  }

  #recover(): void {
    this.#isDown = false;
    this.#hasAnswered = true;
    this.#logger.write('warn', 'The token store can be used again.');
    this.#tell();
  }

  #tell(): void {
    for (const changed of this.#listeners) changed();
  }
}
