import { HostLogger } from '../diagnostics/host-logger.js';
import { pause } from '../async/time-limit.js';
import type { Clock } from '../async/clock.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import type { TokenStore } from '../options/token-store.interface.js';
import { type AccountKeys, accountKeys } from './account-keys.js';
import { Lease, leaseLifetime } from './lease.js';
import { type Pace, isStuck, nextLook } from './look-schedule.js';
import { StoreEpisode } from './store-episode.js';
import { type StoreGuard, guardOf } from './store-guard.js';
import { type OwnGrant, StoredToken } from './stored-token.js';
import { TokenNews } from './token-news.js';
import { type Accepts, type FoundToken, TokenSearch } from './token-search.js';

/** The turn of this process to ask for a token. */
export interface Turn {
  /** Tells the others, in the background. @param pair for which the token was issued */
  succeeded(pair: DokStampCredentials, grant: OwnGrant): void;
  /** No token could be had. */
  failed(): void;
  /** Nobody here wants a token any more. */
  gaveUp(): void;
}

export interface SharedTokenSetup {
  readonly store: TokenStore;
  readonly baseURL: string;
  /** ms */
  readonly tokenTimeout: number;
  readonly clock: Clock;
  /** Told when the store cannot be used, or can be used again. */
  readonly publish: (event: 'store-unavailable' | 'store-recovered') => void;
}

/** The token that the processes of a fleet share: who asks for it, and how the others come by it. */
export class SharedToken {
  readonly #logger = new HostLogger();
  readonly #clock: Clock;
  readonly #baseURL: string;
  readonly #leaseMs: number;
  readonly #episode: StoreEpisode;
  readonly #guard: StoreGuard;
  readonly #stored: StoredToken;
  readonly #news: TokenNews;
  readonly #leave: () => void;
  #keys: { readonly pair: DokStampCredentials; readonly keys: AccountKeys } | undefined;

  constructor({ store, baseURL, tokenTimeout, clock, publish }: SharedTokenSetup) {
    const episode = new StoreEpisode(publish);
    this.#episode = episode;
    this.#clock = clock;
    this.#baseURL = baseURL;
    this.#leaseMs = leaseLifetime(tokenTimeout);
    this.#guard = guardOf(store, clock);
    this.#stored = new StoredToken(this.#guard, episode, clock);
    this.#news = new TokenNews(this.#stored);
    this.#leave = this.#guard.join(() => {
      episode.set('down', this.#guard.isDown);
      if (!this.#guard.isDown) this.#news.tellAgain();
    });
    episode.set('down', this.#guard.isDown);
  }

  /** No event, log line or timer of the store any more. */
  stop(): void {
    this.#leave();
    this.#news.forget();
  }

  /** This token was refused: it is no news. */
  refuse(accessToken: string): void {
    this.#news.forget(accessToken);
  }

  /** The token in the store, if it is what is wanted. */
  find(pair: DokStampCredentials, accepts: Accepts): Promise<FoundToken | undefined> {
    return this.#searchFor(this.#keysOf(pair), accepts).look();
  }

  /**
   * The token that another process has got or gets meanwhile, or the turn to ask for one. Where the store cannot be used
   * it is everybody's turn at once.
   * @param signal ends the wait for another process
   * @param pace how often it is looked for what another process gets
   */
  async findOrTurn(
    pair: DokStampCredentials,
    accepts: Accepts,
    signal: AbortSignal,
    pace: Pace,
  ): Promise<FoundToken | Turn> {
    const clock = this.#clock;
    const keys = this.#keysOf(pair);
    const lease = this.#leaseOf(keys);
    const search = this.#searchFor(keys, accepts);
    const startedAt = clock.monotonic();
    for (let looks = 0, triesLease = true; ; looks++) {
      const found = await search.look();
      if (found) return found;
      const waitedMs = clock.monotonic() - startedAt;
      if (triesLease && (await lease.take())) {
        this.#episode.set('stuck', false);
        // Whoever had the lease a moment ago may have left a token.
        const left = await search.look();
        if (left || (looks > 0 && (await lease.hasFailed()))) void lease.release();
        return left ?? this.#turn(keys, lease);
      }
      if (isStuck(waitedMs, this.#leaseMs)) this.#tellStuck();
      if (this.#guard.isDown || this.#episode.has('stuck')) return this.#turn(keys, lease);
      const next = nextLook(looks, waitedMs, this.#leaseMs, clock.random(), pace);
      triesLease = next.triesLease;
      await pause(next.afterMs, signal);
      if (signal.aborted) return this.#turn(keys, lease);
    }
  }

  #tellStuck(): void {
    if (!this.#episode.set('stuck', true)) return;
    this.#logger.write(
      'warn',
      'The lease under our key in the token store does not end. Until it does, each process asks for tokens of its own; delete that key.',
    );
  }

  #turn(keys: AccountKeys, lease: Lease): Turn {
    return {
      succeeded: (pair, grant) => this.#tell(pair, grant, keys, lease),
      failed: () => void lease.fail(),
      gaveUp: () => void lease.release(),
    };
  }

  #tell(pair: DokStampCredentials, grant: OwnGrant, keys: AccountKeys, lease: Lease): void {
    const own = this.#keysOf(pair);
    const isRotated = own.name !== keys.name;
    // Those who have the other pair wait for nothing.
    if (isRotated) void lease.release();
    void this.#news.tell(own, grant, isRotated ? this.#leaseOf(own) : lease);
  }

  #searchFor(keys: AccountKeys, accepts: Accepts): TokenSearch {
    return new TokenSearch(this.#stored, keys, accepts, this.#clock);
  }

  #leaseOf(keys: AccountKeys): Lease {
    return new Lease(keys, this.#leaseMs, this.#guard, this.#clock);
  }

  #keysOf(pair: DokStampCredentials): AccountKeys {
    const { clientId, clientSecret } = this.#keys?.pair ?? {};
    if (!this.#keys || clientId !== pair.clientId || clientSecret !== pair.clientSecret) {
      this.#keys = { pair, keys: accountKeys(this.#baseURL, pair) };
    }
    return this.#keys.keys;
  }
}
