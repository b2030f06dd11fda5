import { isDeepStrictEqual } from 'node:util';
import { SYSTEM_CLOCK } from '../async/clock.js';
import { isSamePair } from '../token/credentials-source.js';
import { type DokStampError, isDokStampError } from '../errors/dokstamp.error.js';
import { tokenFailure } from '../errors/token-failure.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import type { CredentialsOrigin, ResolvedOptions } from '../options/resolved-options.js';

// A refused pair is resolved anew at most this often.
const PAUSE_MS = 1_000;

/**
 * The options of an account, which are resolved anew when DokStamp refuses the pair. The pair is then that of the new
 * answer; where that gives other options too, the account is made anew at the next `get`. An account with another base
 * URL is another one: nothing of it is used here.
 * @param first the options that the account is made of
 * @param outdated told where the account is to be made anew, as the new answer gives other options, or none
 */
export function followedOptions(
  first: ResolvedOptions,
  resolveAnew: () => Promise<ResolvedOptions>,
  outdated: () => void,
): ResolvedOptions {
  let now = first;
  let origin = Promise.resolve(first.credentials);
  let pair: DokStampCredentials | undefined;
  let resolvedAt = Number.NEGATIVE_INFINITY;

  const follow = async (last: Promise<CredentialsOrigin>): Promise<CredentialsOrigin> => {
    try {
      const next = await resolveAnew();
      if (next.baseURL === first.baseURL) return (now = next).credentials;
      outdated();
      return await last;
    } catch (error) {
      if (isNoAccount(error)) {
        outdated();
        throw tokenFailure('credentials_unavailable', error.message);
      }
      // A function may have another pair by now, also where it cannot be resolved anew.
      if ((await last).rereadable) return last;
      throw error;
    }
  };
  const read = async (isRefused: boolean): Promise<DokStampCredentials> => {
    const time = SYSTEM_CLOCK.monotonic();
    if (isRefused && time - resolvedAt >= PAUSE_MS) {
      resolvedAt = time;
      origin = follow(origin);
    }
    const next = await (await origin).read(isRefused);
    // With the pair that is refused, it would be made anew at each call.
    if (pair && !isSamePair(next, pair) && !isMadeAlike(now, first)) outdated();
    pair = next;
    return next;
  };
  return {
    ...first,
    credentials: { rereadable: true, read },
  };
}

// There is an answer, and no account can be made of it.
function isNoAccount(error: unknown): error is DokStampError {
  return isDokStampError(error) && ['account_unknown', 'config_invalid'].includes(error.code);
}

/** Whether two accounts of these options differ in nothing but the pair. */
function isMadeAlike(one: ResolvedOptions, other: ResolvedOptions): boolean {
  return (
    one.tenant === other.tenant &&
    one.tokenStore === other.tokenStore &&
    one.tokenTimeout === other.tokenTimeout &&
    one.renewBeforeExpiry === other.renewBeforeExpiry &&
    one.replayOnUnauthorized === other.replayOnUnauthorized &&
    // Two agents look alike from outside.
    one.http.httpAgent === other.http.httpAgent &&
    one.http.httpsAgent === other.http.httpsAgent &&
    isDeepStrictEqual(one.http, other.http)
  );
}
