import { SYSTEM_CLOCK } from '../async/clock.js';
import type { DokStampOptions } from '../options/dokstamp-options.interface.js';
import { credentialsOrigin } from '../options/options.resolver.js';
import type { CredentialsOrigin } from '../options/resolved-options.js';

// A refused pair is resolved anew at most this often.
const PAUSE_MS = 1_000;

/**
 * The pair of an account as it was resolved, or as the `credentials` function that was resolved gives it, until DokStamp
 * refuses it: then it is resolved anew.
 * @param resolveAnew gives the options of the account
 */
export function resolvedCredentials(
  first: CredentialsOrigin,
  resolveAnew: () => Promise<DokStampOptions>,
): CredentialsOrigin {
  let origin = Promise.resolve(first);
  let resolvedAt = Number.NEGATIVE_INFINITY;
  return {
    rereadable: true,
    read: async (isRefused) => {
      const now = SYSTEM_CLOCK.monotonic();
      if (isRefused && now - resolvedAt >= PAUSE_MS) {
        resolvedAt = now;
        const last = origin;
        origin = resolveAnew().then(credentialsOrigin, (error: unknown) => orFunction(last, error));
      }
      return (await origin).read(isRefused);
    },
  };
}

// A function may have another pair by now, also where it cannot be resolved anew.
async function orFunction(last: Promise<CredentialsOrigin>, error: unknown) {
  const origin = await last;
  if (origin.rereadable) return origin;
  throw error;
}
