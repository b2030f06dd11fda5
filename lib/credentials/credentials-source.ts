import { isDokStampError } from '../errors/dokstamp.error.js';
import type { SecretMask } from '../redaction/secret-mask.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import { isFilled } from '../options/header-value.js';
import type { CredentialsOrigin } from '../options/resolved-options.js';
import { orAborted } from '../async/abort.js';
import { type TokenFailure, tokenFailure } from '../errors/failure-kinds.js';
import { SingleFlight } from '../async/single-flight.js';

/** Reads the client credentials before every token request, one read at a time, and knows which pair was refused. */
export class CredentialsSource {
  readonly #origin: CredentialsOrigin;
  readonly #mask: SecretMask;
  readonly #reading = new SingleFlight<DokStampCredentials>();
  #last: DokStampCredentials | undefined;
  #refused: DokStampCredentials | undefined;

  constructor(origin: CredentialsOrigin, mask: SecretMask) {
    this.#origin = origin;
    this.#mask = mask;
  }

  /** Whether a read now may give another pair; not while one is under way, which may hang. */
  get isRereadable(): boolean {
    return this.#origin.rereadable && !this.#reading.isUnderWay;
  }

  /** The pair that was read last, if it is another than the one that was refused. */
  get other(): DokStampCredentials | undefined {
    return isSamePair(this.#last, this.#refused) ? undefined : this.#last;
  }

  /**
   * The pair of this moment. Joins a read that is under way, also one that hangs.
   * @param signal ends the wait for it, not the read
   * @throws {TokenFailure} `credentials_unavailable`
   */
  read(signal: AbortSignal): Promise<DokStampCredentials> {
    const reading = this.#reading.run(() => this.#readOrigin());
    return orAborted(reading, signal, () =>
      unavailable('has not answered in time, and is not called again before it has'),
    );
  }

  get #isRefused(): boolean {
    return this.#refused !== undefined && isSamePair(this.#last, this.#refused);
  }

  /** DokStamp has refused this pair. */
  refuse(pair: DokStampCredentials): void {
    this.#refused = pair;
  }

  // Whatever the function throws, or what it gives when that is looked at, is a failure to give a pair.
  async #readOrigin(): Promise<DokStampCredentials> {
    try {
      const given: Partial<DokStampCredentials> = (await this.#origin.read(this.#isRefused)) ?? {};
      const { clientId, clientSecret } = given;
      if (!isFilled(clientId) || !isFilled(clientSecret)) {
        throw unavailable('gave a blank clientId or clientSecret');
      }
      this.#mask.add(clientSecret);
      return (this.#last = { clientId, clientSecret });
    } catch (error) {
      throw asUnavailable(error);
    }
  }
}

export function isSamePair(one?: DokStampCredentials, two?: DokStampCredentials): boolean {
  return one?.clientId === two?.clientId && one?.clientSecret === two?.clientSecret;
}

// Only the kind of a foreign error is told: its message may hold the very secret.
function asUnavailable(error: unknown): TokenFailure {
  try {
    // What says so itself, as the reader of mounted files does, is told in its own words.
    const saysSo = isDokStampError(error) && error.code === 'credentials_unavailable';
    if (saysSo) return tokenFailure('credentials_unavailable', error.message);
    return unavailable(`failed with ${kindOfThrown(error)}`);
  } catch {
    return unavailable('failed with a value that cannot be read');
  }
}

/** The kind of what foreign code has thrown, and not its words. */
export function kindOfThrown(error: unknown): string {
  try {
    return kindOf(error);
  } catch {
    return 'a value that cannot be read';
  }
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'a thrown value that is no Error';
  const { name, code } = error as { name: unknown; code?: unknown };
  const kind = /^\w{1,40}$/.test(String(name)) ? String(name) : 'Error';
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? `${kind} (${code})` : kind;
}

function unavailable(what: string): TokenFailure {
  return tokenFailure(
    'credentials_unavailable',
    `The credentials function or mounted file ${what}. Let it give clientId and clientSecret, both non-blank.`,
  );
}
