import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import { timeLimit } from '../async/abort.js';
import type { Clock } from '../async/clock.js';
import type { CredentialsSource } from './credentials-source.js';

// Refused credentials are read anew at most this often, and a call waits no longer than this for it.
const PAUSE_MS = 1_000;

/** Reads refused credentials anew, in case they have been rotated. */
export class CredentialsRecheck {
  #startedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly credentials: CredentialsSource,
    private readonly clock: Clock,
  ) {}

  /**
   * Another pair than the one that was refused, if there is one. Reads anew at most once a second, and waits at most
   * a second; what a read that takes longer brings is known to the next call.
   * @param signal ends the wait
   */
  async otherPair(signal: AbortSignal): Promise<DokStampCredentials | undefined> {
    const { credentials, clock } = this;
    const isDue = clock.monotonic() - this.#startedAt >= PAUSE_MS && credentials.isRereadable;
    if (credentials.other || !isDue) return credentials.other;
    this.#startedAt = clock.monotonic();
    const patience = timeLimit(PAUSE_MS, signal);
    // Where it cannot be read, the refusal stays what is known.
    await credentials.read(patience.signal).catch(() => {});
    patience.end();
    return credentials.other;
  }
}
