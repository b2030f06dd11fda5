import type { DokStampOptions } from './dokstamp-options.interface.js';

/** The names of all options of an account. */
export const OPTION_NAMES: readonly (keyof DokStampOptions)[] = [
  'baseURL',
  'clientId',
  'clientSecret',
  'credentials',
  'tenant',
  'startup',
  'renewBeforeExpiry',
  'tokenTimeout',
  'replayOnUnauthorized',
  'allowInsecureHttp',
  'http',
  'tokenStore',
];

/**
 * Those of these options that are set, each read once and by name, as a class may give them by accessors. null counts
 * as left out: it is what databases and some configuration sources give for "not set".
 */
export function setOptions<T extends object>(
  given: T,
  names: readonly (keyof T)[],
): { [Name in keyof T]?: NonNullable<T[Name]> } {
  const set = names
    .map((name) => [name, given[name]] as const)
    .filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(set) as { [Name in keyof T]?: NonNullable<T[Name]> };
}
