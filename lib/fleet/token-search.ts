import type { Clock } from '../async/clock.js';
import type { AccountKeys } from './account-keys.js';
import { Sighting } from './sighting.js';
import type { StoredToken } from './stored-token.js';
import { ageOf } from './token-age.js';

/** A token that another process has got. */
export interface FoundToken {
  readonly accessToken: string;
  readonly lifetimeMs: number;
  /** How old it is now, ms. */
  readonly ageMs: number;
  /** When its request was sent, by the wall clock of the process that sent it, ms. */
  readonly issuedAt: number;
  /** Whether it was put there while this process looked. */
  readonly hasAppeared: boolean;
}

/** Whether a found token is what was wanted. */
export type Accepts = (found: FoundToken) => boolean;

/** One search for the token of another process, look by look. */
export class TokenSearch {
  readonly #sighting: Sighting;

  constructor(
    private readonly stored: StoredToken,
    private readonly keys: AccountKeys,
    private readonly accepts: Accepts,
    private readonly clock: Clock,
  ) {
    this.#sighting = new Sighting(clock);
  }

  /** The token that is in the store now, if it is what is wanted. */
  async look(): Promise<FoundToken | undefined> {
    const { clock } = this;
    const lookedAt = clock.monotonic();
    const grant = await this.stored.read(this.keys);
    this.#sighting.saw(grant?.accessToken, lookedAt);
    if (!grant) return undefined;
    const { accessToken, lifetimeMs, issuedAt } = grant;
    const { appearedWithinMs } = this.#sighting;
    const ageMs = ageOf(grant, clock.now(), appearedWithinMs);
    if (ageMs === undefined) return undefined;
    const hasAppeared = appearedWithinMs < Infinity;
    const found = { accessToken, lifetimeMs, ageMs, issuedAt, hasAppeared };
    return this.accepts(found) ? found : undefined;
  }
}
