import type { Clock } from '../async/clock.js';
import { within } from '../async/time-limit.js';
import { withDetails } from '../errors/dokstamp.error.js';
import type { TokenFailure } from '../errors/token-failure.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import type { SecretMask } from '../redaction/secret-mask.js';
import { AHEAD, AWAITED } from './look-schedule.js';
import { RefusedTokens } from './refused-tokens.js';
import { SharedToken, type SharedTokenSetup } from './shared-token.js';
import type { FoundToken } from './token-search.js';
import { type KnownGrant, adopted, isWanted } from './adoption.js';
import type { CredentialsSource } from '../token/credentials-source.js';
import type { TokenAcquisition } from '../token/token-acquisition.js';
import type { IssuedToken } from '../token/token-endpoint.client.js';
import type { AcquireParams, TokenProvider } from '../token/token-provider.interface.js';

// While token requests are paused, the store is polled at most this often.
const LOOK_PAUSE_MS = 1_000;

// The pair is read before every token request; after a longer wait it is read again.
const PAIR_FRESH_MS = 1_000;

export interface SharedAcquisitionSetup extends SharedTokenSetup {
  readonly acquisition: TokenAcquisition;
  readonly credentials: CredentialsSource;
  readonly mask: SecretMask;
}

/** Obtains a token for a fleet: from another process if one has it, else from the endpoint. */
export class SharedAcquisition implements TokenProvider {
  readonly #setup: SharedAcquisitionSetup;
  readonly #clock: Clock;
  readonly #shared: SharedToken;
  readonly #refused: RefusedTokens;
  #pair: DokStampCredentials | undefined;
  #known: KnownGrant | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isStopped = false;

  constructor(setup: SharedAcquisitionSetup) {
    this.#setup = setup;
    this.#clock = setup.clock;
    this.#refused = new RefusedTokens(setup.store, setup.baseURL);
    this.#shared = new SharedToken(setup);
  }

  obtain(params: AcquireParams): Promise<IssuedToken | undefined> {
    return params.mayRequest ? this.#acquire(params) : this.#find(params);
  }

  async #acquire(wish: AcquireParams): Promise<IssuedToken> {
    const { acquisition } = this.#setup;
    // The store's client may be shut down by now.
    if (this.#isStopped) return acquisition.acquire(wish);
    const startedAt = this.#clock.monotonic();
    const { pair, reading } = await this.#read(wish.closing);
    if (!pair) return acquisition.acquire(wish, reading);
    this.#pair = pair;
    const pace = wish.reason === 'scheduled' ? AHEAD : AWAITED;
    const turn = await this.#shared.findOrTurn(pair, this.#accepts(wish), wish.closing, pace);
    if ('accessToken' in turn) return this.#adopt(turn);
    const isFresh = this.#clock.monotonic() - startedAt < PAIR_FRESH_MS;
    try {
      const acquired = await acquisition.acquire(wish, isFresh ? reading : undefined);
      const { value: accessToken, lifetimeMs, sentAt } = acquired.token;
      this.#pair = acquired.pair;
      this.#known = { accessToken, issuedAt: sentAt.wall };
      turn.succeeded(acquired.pair, { accessToken, lifetimeMs, sentAt });
      return acquired;
    } catch (error) {
      if (wish.closing.aborted) turn.gaveUp();
      else turn.failed();
      throw error;
    }
  }

  async #find(wish: AcquireParams): Promise<IssuedToken | undefined> {
    const pair = this.#pair;
    const isDue = this.#clock.monotonic() - this.#lookedAt >= LOOK_PAUSE_MS;
    if (!pair || !isDue || this.#isStopped) return undefined;
    this.#lookedAt = this.#clock.monotonic();
    const found = await this.#shared.find(pair, this.#accepts(wish));
    return found && this.#adopt(found);
  }

  refuse(accessToken: string): void {
    this.#refused.add(accessToken);
    this.#shared.refuse(accessToken);
  }

  stop(): void {
    this.#isStopped = true;
    this.#shared.stop();
  }

  /** The credentials, or the failed read. */
  async #read(closing: AbortSignal) {
    const { clock, credentials, tokenTimeout } = this.#setup;
    const startedAt = clock.monotonic();
    const reading = within(tokenTimeout, closing, (signal) => credentials.read(signal));
    try {
      return { pair: await reading, reading };
    } catch (error) {
      // A read that hangs is not awaited twice.
      const isTimeout = closing.aborted || clock.monotonic() - startedAt >= tokenTimeout;
      if (isTimeout) throw withDetails(error as TokenFailure, { attempts: 0 });
      return { pair: undefined, reading };
    }
  }

  #accepts(wish: AcquireParams): (found: FoundToken) => boolean {
    return (found) => isWanted(found, wish, this.#refused, this.#clock, this.#known);
  }

  #adopt(found: FoundToken): IssuedToken {
    this.#setup.mask.add(found.accessToken);
    this.#known = found;
    const token = adopted(found, this.#clock);
    return { token, lifetimeAssumed: false, source: 'store' };
  }
}
