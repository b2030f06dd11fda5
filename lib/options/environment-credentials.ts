import { setTimeout } from 'node:timers/promises';
import { DokStampError } from '../errors/dokstamp.error.js';
import { controlCharacterFaults, missingCredential } from './credential-faults.js';
import { cleanCredential, hasControlCharacters } from './credential-value.js';
import type { DokStampOptions } from './dokstamp-options.interface.js';
import type { Environment } from './environment.js';
import { isFilled } from './header-value.js';
import { readMountedFile } from './mounted-file.js';

type CredentialOptions = Pick<DokStampOptions, 'clientId' | 'clientSecret' | 'credentials'>;

/** The origin of the id or the secret: its own variable, or the file that another variable names. */
interface Source {
  readonly option: 'clientId' | 'clientSecret';
  readonly variable: string;
  readonly value: string | undefined;
  readonly file: string | undefined;
}

// The boot waits no longer for a mounted file. A file that cannot be read yet is not a fault of the options.
const BOOT_CHECK_MS = 1_000;

const mountedSources = new WeakMap<object, readonly Source[]>();

/**
 * The credential options that the environment gives, and what is wrong with how it gives them. If no file is named,
 * a missing value is left to the check of all options, because the app may add it.
 */
export function credentialsFromEnvironment(env: Environment): {
  faults: string[];
  credentials: CredentialOptions;
} {
  const sourceOf = (option: Source['option'], variable: string): Source => {
    return { option, variable, value: env[variable], file: env[`${variable}_FILE`] };
  };
  const id = sourceOf('clientId', 'DOKSTAMP_CLIENT_ID');
  const secret = sourceOf('clientSecret', 'DOKSTAMP_CLIENT_SECRET');
  if (id.file === undefined && secret.file === undefined) {
    return {
      faults: [],
      credentials: unprinted({ clientId: id.value, clientSecret: secret.value }),
    };
  }
  const credentials = async () => ({ clientId: await read(id), clientSecret: await read(secret) });
  mountedSources.set(credentials, [id, secret]);
  return { faults: [...sourceFaults(id), ...sourceFaults(secret)], credentials: { credentials } };
}

/**
 * What is wrong with the mounted files behind a `credentials` function of this file: a text with control characters.
 * A file that is missing, blank or not read within a second is not a fault, because it may be mounted later.
 */
export async function mountedFileFaults(credentials: unknown): Promise<string[]> {
  const sources = typeof credentials === 'function' ? mountedSources.get(credentials) : undefined;
  const faults = await Promise.all((sources ?? []).map(mountedFaults));
  return faults.flat();
}

async function mountedFaults({ option, variable, file }: Source): Promise<string[]> {
  if (file === undefined) return [];
  const done = new AbortController();
  const limit = setTimeout(BOOT_CHECK_MS, '', { ref: false, signal: done.signal });
  const text = await Promise.race([readMountedFile(file), limit]).catch(() => '');
  done.abort();
  await limit.catch(() => {});
  return controlCharacterFaults(`${option}: the file that ${variable}_FILE names`, text);
}

function sourceFaults({ option, variable, value, file }: Source): string[] {
  if (value !== undefined && file !== undefined) {
    return [`${variable} and ${variable}_FILE are both set: keep one of the two`];
  }
  if (value !== undefined) return controlCharacterFaults(`${option} (${variable})`, value);
  return file === undefined ? [missingCredential(option, variable)] : [];
}

async function read({ variable, value, file }: Source): Promise<string> {
  return value === undefined ? fromFile(`${variable}_FILE`, file) : cleanCredential(value);
}

// A getter, so that printing the namespace (which ConfigService keeps) shows "[Getter]"; and JSON without it.
function unprinted({ clientId, clientSecret }: CredentialOptions): CredentialOptions {
  const options: CredentialOptions = {};
  if (clientId !== undefined) options.clientId = clientId;
  if (clientSecret === undefined) return options;
  Object.defineProperty(options, 'clientSecret', { enumerable: true, get: () => clientSecret });
  Object.defineProperty(options, 'toJSON', {
    value(this: CredentialOptions) {
      return { ...this, clientSecret: undefined };
    },
  });
  return options;
}

async function fromFile(variable: string, path = ''): Promise<string> {
  // Not the path: if the variable holds the secret itself, the path would show it.
  const text = await readMountedFile(path).catch((error: unknown) => {
    throw unavailable(variable, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  });
  const value = cleanCredential(text);
  if (!isFilled(value)) throw unavailable(variable, 'is blank');
  if (hasControlCharacters(value)) {
    throw unavailable(
      variable,
      'contains a control character',
      'Save it as UTF-8 text in one line.',
    );
  }
  return value;
}

function unavailable(
  variable: string,
  what: string,
  step = 'Mount it, or correct the variable.',
): DokStampError {
  const message = `The file that ${variable} names ${what}. ${step}`;
  return new DokStampError('credentials_unavailable', message, { retryable: true });
}
