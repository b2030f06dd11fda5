import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import type { DokStampOptions } from '../options/dokstamp-options.interface.js';
import { optionFaults, resolveOptions } from '../options/options.resolver.js';
import { OPTION_NAMES, setOptions } from '../options/set-options.js';
import type { DokStampAccountsOptions } from './accounts.interface.js';

/** The options with their defaults. */
export interface ResolvedAccountsOptions {
  readonly resolve: DokStampAccountsOptions['resolve'];
  readonly max: number;
  readonly idleAfterMs: number;
  readonly logKey: (key: string) => string;
  readonly shared: object;
  /** ms */
  readonly resolveTimeout: number;
}

// Room for all of them is made at once.
const MOST = 1_000_000;

const OWN = ['resolve', 'max', 'idleAfter', 'logKey'] as const;

// What belongs to one account, and so to `resolve`.
const NOT_SHARED = ['clientId', 'clientSecret', 'credentials', 'startup', 'name'] as const;

const NAMES = [...OWN, ...OPTION_NAMES, ...NOT_SHARED];

/** @throws {DokStampConfigError} with every fault */
export function resolveAccountsOptions(given: unknown): ResolvedAccountsOptions {
  const faults = faultsOf(given);
  if (faults.length > 0) throw new DokStampConfigError(faults);
  const options = readAccountsOptions(given as object) as object as DokStampAccountsOptions;
  const { resolve, max = 1_000, idleAfter = 3_600, logKey = (key) => key, ...shared } = options;
  const { tokenTimeout: resolveTimeout } = resolveOptions(withPair(shared));
  return { resolve, max, idleAfterMs: wholeMs(idleAfter), logKey, shared, resolveTimeout };
}

// lru-cache takes whole ms only.
function wholeMs(seconds: number): number {
  return Math.min(Math.ceil(seconds * 1_000), Number.MAX_SAFE_INTEGER);
}

/**
 * What is given, each option read once and by name.
 * @param beside names that are allowed beside the options, and are left out
 */
export function readAccountsOptions(given: object, ...beside: string[]): Record<string, unknown> {
  return setOptions(given as Record<string, unknown>, NAMES, beside);
}

function faultsOf(given: unknown): string[] {
  if (typeof given !== 'object' || given === null) {
    return ['DokStampAccountsModule got no options: pass an object with resolve'];
  }
  const { resolve, max, idleAfter, logKey, ...shared } = readAccountsOptions(given);
  return [
    ...when(
      typeof resolve !== 'function',
      'resolve must be a function that gives the options of the account with a key',
    ),
    ...when(
      max !== undefined && !(Number.isInteger(max) && Number(max) > 0 && Number(max) <= MOST),
      `max must be a whole number of accounts from 1 to ${MOST}`,
    ),
    ...when(
      idleAfter !== undefined && !(Number.isFinite(idleAfter) && Number(idleAfter) > 0),
      'idleAfter must be a positive finite number of seconds',
    ),
    ...when(
      logKey !== undefined && typeof logKey !== 'function',
      'logKey must be a function that gives a name for a key',
    ),
    ...NOT_SHARED.filter((option) => shared[option] !== undefined).map(
      (option) => `${option} is not for all accounts: let resolve give it, or leave it out`,
    ),
    ...optionFaults(withPair(shared), NAMES),
  ];
}

// The options for all are checked as if they were those of an account.
function withPair(shared: object): DokStampOptions {
  const pair = { clientId: 'of-resolve', clientSecret: 'of-resolve' };
  return { ...shared, ...pair, credentials: undefined, startup: 'lazy' };
}

function when(fault: boolean, text: string): string[] {
  return fault ? [text] : [];
}
