import { DokStampError, isDokStampError } from '../errors/dokstamp.error.js';
import type { SecretMask } from '../errors/secret-mask.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import { isFilled } from '../options/header-value.js';
import type { CredentialsOrigin } from '../options/resolved-options.js';

/** Reads the client credentials before every token request, and knows which pair was read last. */
export class CredentialsSource {
  readonly #origin: CredentialsOrigin;
  readonly #mask: SecretMask;
  #last: DokStampCredentials | undefined;

  constructor(origin: CredentialsOrigin, mask: SecretMask) {
    this.#origin = origin;
    this.#mask = mask;
  }

  /** Whether another read may give another pair. */
  get rereadable(): boolean {
    return this.#origin.rereadable;
  }

  /**
   * The pair of this moment, and whether it differs from the one read before.
   * @throws {DokStampError} `credentials_unavailable`
   */
  async read(): Promise<{ pair: DokStampCredentials; changed: boolean }> {
    const { clientId, clientSecret } = await this.#readOrigin();
    if (!isFilled(clientId) || !isFilled(clientSecret)) {
      throw unavailable('gave a blank clientId or clientSecret');
    }
    const last = this.#last;
    const pair = { clientId, clientSecret };
    this.#mask.add(clientSecret);
    this.#last = pair;
    return { pair, changed: last?.clientId !== clientId || last.clientSecret !== clientSecret };
  }

  async #readOrigin(): Promise<Partial<DokStampCredentials>> {
    try {
      return (await this.#origin.read()) ?? {};
    } catch (error) {
      if (isDokStampError(error)) throw error;
      throw unavailable(`failed with ${kindOf(error)}`);
    }
  }
}

// Only the kind of a foreign error is told: its message may hold the very secret.
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'a thrown value that is no Error';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code)
    ? `${error.name} (${code})`
    : error.name;
}

function unavailable(what: string): DokStampError {
  return new DokStampError(
    'credentials_unavailable',
    `The credentials function ${what}. Let it return { clientId, clientSecret }, both non-blank.`,
    { retryable: true },
  );
}
