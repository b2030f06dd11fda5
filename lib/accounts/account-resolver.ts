import { orAborted } from '../async/abort.js';
import { timeLimit } from '../async/time-limit.js';
import { DokStampError, isDokStampError } from '../errors/dokstamp.error.js';
import { tokenFailure } from '../errors/token-failure.js';
import { kindOfThrown } from '../token/credentials-source.js';
import type { DokStampOptions } from '../options/dokstamp-options.interface.js';
import { RUNTIME_ACCOUNT } from '../options/observed-name.js';
import { resolveOptions } from '../options/options.resolver.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { OPTION_NAMES, setOptions } from '../options/set-options.js';
import { closedError } from '../token/wait.js';
import type { ResolvedAccountsOptions } from './accounts-options.js';
import { followedOptions } from './followed-options.js';
import { ResolveCalls } from './resolve-calls.js';

const LONGEST_NAME = 100;
const UNNAMED = 'unnamed';

/** Makes checked options of what the app's `resolve` gives. */
export class AccountResolver {
  readonly #calls: ResolveCalls<DokStampOptions | null | undefined>;

  constructor(private readonly options: ResolvedAccountsOptions) {
    this.#calls = new ResolveCalls(options.resolve);
  }

  /**
   * @param closing ends the wait with `closed`
   * @param outdated told where `resolve`, called anew, has given other options than the account is made of, or none
   * @throws {DokStampError} `account_unknown`; `credentials_unavailable` where `resolve` throws or gives nothing in time
   * @throws {DokStampConfigError} for wrong options
   */
  async resolve(key: string, closing: AbortSignal, outdated: () => void): Promise<ResolvedOptions> {
    const name = this.#nameOf(key);
    const limit = timeLimit(this.options.resolveTimeout, closing);
    const given = await orAborted(this.#ask(key, name), limit.signal, () =>
      closing.aborted
        ? closedError(name)
        : unavailable('has not answered in time, and is not called again before it has', name),
    ).finally(() => limit.end());
    // Its errors are named by the token service, which is what they are for.
    const resolveAnew = async () => this.#checked(await this.#ask(key));
    return followedOptions(this.#checked(given, name), resolveAnew, outdated);
  }

  #checked(given: DokStampOptions, name?: string): ResolvedOptions {
    try {
      const resolved = resolveOptions({ ...this.options.shared, ...given }, name);
      return { ...resolved, telemetryName: RUNTIME_ACCOUNT };
    } catch (error) {
      throw isDokStampError(error) ? error : failedWith(error, name);
    }
  }

  /** What `resolve` gives, read once: a plain object of what is set. */
  async #ask(key: string, name?: string): Promise<DokStampOptions> {
    let given: DokStampOptions | undefined;
    try {
      const answer = await this.#calls.call(key);
      given = answer ? setOptions(answer, OPTION_NAMES) : undefined;
    } catch (error) {
      throw failedWith(error, name);
    }
    if (given) return given;
    throw new DokStampError(
      'account_unknown',
      'No account is known for this key: resolve gave nothing. Check the key, and whether the customer is set up.',
      { account: name },
    );
  }

  // A name that cannot be had must not cost the account. Keys may come from outside: a line of the log stays one.
  #nameOf(key: string): string {
    try {
      const name = this.options
        .logKey(key)
        .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
        .slice(0, LONGEST_NAME)
        .trim();
      return name === '' ? UNNAMED : name;
    } catch {
      return UNNAMED;
    }
  }
}

// The words of a foreign error may hold the very secret.
function failedWith(error: unknown, account?: string): DokStampError {
  return unavailable(`failed with ${kindOfThrown(error)}`, account);
}

function unavailable(what: string, account?: string): DokStampError {
  return tokenFailure(
    'credentials_unavailable',
    `resolve ${what}. Let it give the options of the account, or undefined.`,
    { account },
  );
}
