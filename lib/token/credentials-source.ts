import { orAborted } from '../async/abort.js';
import type { Clock } from '../async/clock.js';
import { outsideRequest } from '../async/outside-request.js';
import { timeLimit } from '../async/time-limit.js';
import { isDokStampError } from '../errors/dokstamp.error.js';
import { type TokenFailure, tokenFailure } from '../errors/token-failure.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import { cleanCredential, hasControlCharacters } from '../options/credential-value.js';
import { isFilled } from '../options/header-value.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { SecretMask } from '../redaction/secret-mask.js';

// Refused credentials are read again at most this often, and a call waits no longer than this for it.
const REREAD_PAUSE_MS = 1_000;

interface Reading {
  readonly startedAt: number;
  readonly result: Promise<DokStampCredentials>;
}

/** Reads the client credentials before each token request, one read at a time. Knows which ones were refused. */
export class CredentialsSource {
  readonly #options: Pick<ResolvedOptions, 'credentials' | 'mask' | 'tokenTimeout'>;
  readonly #clock: Clock;
  #reading: Reading | undefined;
  #rereadAt = Number.NEGATIVE_INFINITY;
  #last: DokStampCredentials | undefined;
  #refused: DokStampCredentials | undefined;

  constructor(
    options: Pick<ResolvedOptions, 'credentials' | 'mask' | 'tokenTimeout'>,
    clock: Clock,
  ) {
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * The credentials of this moment. Joins a read that is under way, unless that has not answered within `tokenTimeout`.
   * @param signal ends the wait, not the read
   * @throws {TokenFailure} `credentials_unavailable`
   */
  read(signal: AbortSignal): Promise<DokStampCredentials> {
    const reading = this.#join();
    return orAborted(reading.result, signal, () => {
      // Abandoned: the next acquisition reads again.
      if (this.#reading === reading) this.#reading = undefined;
      return unavailable('has not answered in time');
    });
  }

  /** A token was issued, so no credentials count as refused. */
  accept(): void {
    this.#refused = undefined;
  }

  /** The token endpoint refused these credentials. */
  refuse(credentials: DokStampCredentials): void {
    this.#refused = credentials;
  }

  /**
   * Other credentials than the refused ones, if there are any. Reads again at most once a second, not while a read is
   * under way, and waits at most a second: the next call knows the result of a read that takes longer.
   */
  async reread(signal: AbortSignal): Promise<DokStampCredentials | undefined> {
    const isDue = this.#clock.monotonic() - this.#rereadAt >= REREAD_PAUSE_MS;
    const isUseful = this.#options.credentials.rereadable && !this.#underWay;
    if (!this.#other && isDue && isUseful) {
      this.#rereadAt = this.#clock.monotonic();
      const limit = timeLimit(REREAD_PAUSE_MS, signal);
      // If they cannot be read, the refusal stays.
      await orAborted(this.#join().result, limit.signal, () => undefined).catch(() => {});
      limit.end();
    }
    return this.#other;
  }

  get #other(): DokStampCredentials | undefined {
    return isSamePair(this.#last, this.#refused) ? undefined : this.#last;
  }

  get #underWay(): Reading | undefined {
    const { tokenTimeout } = this.#options;
    const startedAt = this.#reading?.startedAt ?? Number.NEGATIVE_INFINITY;
    return this.#clock.monotonic() - startedAt < tokenTimeout ? this.#reading : undefined;
  }

  #join(): Reading {
    this.#reading = this.#underWay ?? this.#start();
    return this.#reading;
  }

  #start(): Reading {
    const isRefused = this.#refused !== undefined && isSamePair(this.#last, this.#refused);
    const reading = {
      startedAt: this.#clock.monotonic(),
      result: outsideRequest(() => this.#readOrigin(isRefused)),
    };
    const end = () => {
      if (this.#reading === reading) this.#reading = undefined;
    };
    reading.result.then((credentials) => {
      // A late answer of an abandoned read is ignored.
      if (this.#reading === reading) this.#last = credentials;
      end();
    }, end);
    return reading;
  }

  async #readOrigin(isRefused: boolean): Promise<DokStampCredentials> {
    const { credentials, mask } = this.#options;
    try {
      const given: Partial<DokStampCredentials> = (await credentials.read(isRefused)) ?? {};
      const clientId = checked('clientId', given.clientId);
      const clientSecret = checked('clientSecret', given.clientSecret);
      mask.add(clientSecret);
      return { clientId, clientSecret };
    } catch (error) {
      throw asUnavailable(error, mask);
    }
  }
}

function checked(name: string, given: unknown): string {
  const value = typeof given === 'string' ? cleanCredential(given) : undefined;
  if (!isFilled(value)) throw unavailable(`returned a blank ${name}`);
  if (hasControlCharacters(value)) throw unavailable(`returned a ${name} with control characters`);
  return value;
}

export function isSamePair(one?: DokStampCredentials, two?: DokStampCredentials): boolean {
  return one?.clientId === two?.clientId && one?.clientSecret === two?.clientSecret;
}
/** What an app's function has thrown, as a cause: a copy with the known secrets masked. */
function maskedCopy(thrown: unknown, mask: SecretMask): unknown {
  if (typeof thrown === 'string') return mask.text(thrown);
  if (!(thrown instanceof Error)) return undefined;
  const { name, message, stack = '' } = thrown;
  const masked = { name: mask.text(name), stack: mask.text(stack) };
  return Object.assign(new Error(mask.text(message)), masked);
}

function asUnavailable(error: unknown, mask: SecretMask): TokenFailure {
  try {
    // The reader of mounted files throws it itself, with the name of the variable.
    const isOurs = isDokStampError(error) && error.code === 'credentials_unavailable';
    if (isOurs) return tokenFailure('credentials_unavailable', error.message);
    return unavailable(`failed with ${kindOfThrown(error)}`, maskedCopy(error, mask));
  } catch {
    return unavailable('failed with a value that cannot be read');
  }
}

/** The kind of what an app's function has thrown. Its message may contain the secret. */
export function kindOfThrown(error: unknown): string {
  try {
    if (!(error instanceof Error)) return 'a value that is not an Error';
    const { name, code } = error as { name: unknown; code?: unknown };
    const kind = /^\w{1,40}$/.test(String(name)) ? String(name) : 'Error';
    return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? `${kind} (${code})` : kind;
  } catch {
    return 'a value that cannot be read';
  }
}

function unavailable(what: string, cause?: unknown): TokenFailure {
  return tokenFailure(
    'credentials_unavailable',
    `The credentials function or mounted file ${what}. It must return a clientId and a clientSecret that are not blank.`,
    { cause },
  );
}
