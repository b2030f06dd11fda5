import { HostLogger } from '../diagnostics/host-logger.js';
import { randomBytes } from 'node:crypto';
import type { Clock } from '../async/clock.js';
import type { AccountKeys } from './account-keys.js';
import { type SharedGrant, seal, unseal } from './sealed-token.js';
import type { StoreEpisode } from './store-episode.js';
import type { StoreGuard } from './store-guard.js';

const NONCE_BYTES = 12;
const LONGEST_LIFETIME_MS = 366 * 24 * 3_600_000;

/** A token that this process has got, and is to tell the others. */
export interface OwnGrant {
  readonly accessToken: string;
  readonly lifetimeMs: number;
  /** When the token request was sent, on both clocks. */
  readonly sentAt: { readonly wall: number; readonly monotonic: number };
}

/** Reads and writes the token of an account, encrypted. What is not ours counts as missing. */
export class StoredToken {
  readonly #logger = new HostLogger();

  constructor(
    private readonly guard: StoreGuard,
    private readonly episode: StoreEpisode,
    private readonly clock: Clock,
  ) {}

  async read(keys: AccountKeys): Promise<SharedGrant | undefined> {
    const answer = await this.guard.ask((store) => store.read(keys.name));
    if (!answer) return undefined;
    const { said } = answer as { said: unknown };
    const isAbsent = said === undefined || said === null;
    const grant = typeof said === 'string' ? unseal(said, keys) : undefined;
    this.#readable(isAbsent || grant !== undefined);
    return grant;
  }

  /** @returns false where the store cannot be used */
  async write(keys: AccountKeys, { accessToken, lifetimeMs, sentAt }: OwnGrant): Promise<boolean> {
    const { clock } = this;
    const age = Math.max(clock.now() - sentAt.wall, clock.monotonic() - sentAt.monotonic, 0);
    const leftMs = Math.floor(Math.min(lifetimeMs - age, LONGEST_LIFETIME_MS));
    if (leftMs < 1) return true;
    const grant = { accessToken, lifetimeMs, issuedAt: sentAt.wall, ageMs: age };
    const value = seal(grant, keys, randomBytes(NONCE_BYTES));
    const answer = await this.guard.ask((store) => store.write(keys.name, value, leftMs));
    if (answer) this.#readable(true);
    return answer !== undefined;
  }

  #readable(isReadable: boolean): void {
    const isNew = this.episode.set('unreadable', !isReadable);
    if (!isNew || isReadable) return;
    this.#logger.write(
      'warn',
      'The token store holds a value under our key that is garbled or not ours; it counts as missing and is replaced.',
    );
  }
}
