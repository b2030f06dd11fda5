import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { DokStampOptions } from './dokstamp-options.interface.js';
import { nearestName } from './nearest-name.js';

/** The names of all options of an account. */
export const OPTION_NAMES = Object.keys({
  baseURL: true,
  clientId: true,
  clientSecret: true,
  credentials: true,
  tenant: true,
  startup: true,
  renewBeforeExpiry: true,
  tokenTimeout: true,
  replayOnUnauthorized: true,
  allowInsecureHttp: true,
  http: true,
  tokenStore: true,
} satisfies Record<keyof DokStampOptions, true>) as (keyof DokStampOptions)[];

/** What `forRoot` and `forRootAsync` take beside the options. */
export const BESIDE_OPTIONS = ['name', 'isGlobal'];

const ASYNC_NAMES = Object.keys({
  imports: true,
  inject: true,
  useFactory: true,
  useClass: true,
  useExisting: true,
  provideInjectionTokensFrom: true,
} satisfies Record<keyof ConfigurableModuleAsyncOptions<object>, true>);

/** What is wrong with the names that `forRootAsync` was given. */
export function asyncOptionFaults(given: object, beside: readonly string[]): string[] {
  return unknownOptionFaults(given, [...ASYNC_NAMES, ...beside], ' of forRootAsync');
}

/**
 * The options that are set, each read once and by name, because a class may give them by accessors. null counts
 * as left out: it is what databases and some configuration sources give for "not set". Own properties that are not
 * options are kept, so that the check finds them.
 * @param beside names that are allowed beside the options, and are left out
 */
export function setOptions<T extends object>(
  given: T,
  names: readonly (keyof T & string)[],
  beside: readonly string[] = [],
): { [Name in keyof T]?: NonNullable<T[Name]> } {
  const set = names
    .map((name) => [name, given[name]] as const)
    .filter(([, value]) => value !== undefined && value !== null);
  const known: string[] = [...names, ...beside];
  const unknown = Object.entries(given).filter(([name]) => !known.includes(name));
  return Object.fromEntries([...set, ...unknown]) as { [Name in keyof T]?: NonNullable<T[Name]> };
}

function stepFor(name: string, names: readonly string[]): string {
  if (BESIDE_OPTIONS.includes(name)) return 'Only forRoot and forRootAsync take it.';
  const nearest = nearestName(name, [...names, ...BESIDE_OPTIONS]);
  return nearest ? `Did you mean ${nearest}?` : `The options are ${names.join(', ')}.`;
}

/** One fault for each own property that is not an option, with the nearest name or all names. */
export function unknownOptionFaults(given: object, names: readonly string[], of = ''): string[] {
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => `${name} is not an option${of}. ${stepFor(name, names)}`);
}
