import { DokStampError } from '../errors/dokstamp.error.js';
import { missingCredential } from './credential-faults.js';
import type { DokStampOptions } from './dokstamp-options.interface.js';
import type { Environment } from './environment.js';
import { isFilled } from './header-value.js';
import { readMountedFile } from './mounted-file.js';

type CredentialOptions = Pick<DokStampOptions, 'clientId' | 'clientSecret' | 'credentials'>;

/** Where one half of the pair comes from: its own variable, or the file that another one names. */
interface Half {
  readonly option: 'clientId' | 'clientSecret';
  readonly variable: string;
  readonly value: string | undefined;
  readonly file: string | undefined;
}

/**
 * The credential options that the environment gives, and what is wrong with how it gives them. Where no file is
 * named, a missing value is left to the check of all options, which may find it added to by the app.
 */
export function credentialsFromEnvironment(env: Environment): {
  faults: string[];
  credentials: CredentialOptions;
} {
  const half = (option: Half['option'], variable: string): Half => {
    return { option, variable, value: env[variable], file: env[`${variable}_FILE`] };
  };
  const id = half('clientId', 'DOKSTAMP_CLIENT_ID');
  const secret = half('clientSecret', 'DOKSTAMP_CLIENT_SECRET');
  if (id.file === undefined && secret.file === undefined) {
    return {
      faults: [],
      credentials: unprinted({ clientId: id.value, clientSecret: secret.value }),
    };
  }
  const credentials = async () => ({ clientId: await read(id), clientSecret: await read(secret) });
  return { faults: [...halfFaults(id), ...halfFaults(secret)], credentials: { credentials } };
}

function halfFaults({ option, variable, value, file }: Half): string[] {
  if (value !== undefined && file !== undefined) {
    return [`${variable} and ${variable}_FILE are both set: keep one of the two`];
  }
  return value === undefined && file === undefined ? [missingCredential(option, variable)] : [];
}

async function read({ variable, value, file }: Half): Promise<string> {
  return value ?? (await fromFile(`${variable}_FILE`, file));
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
  // Not the path: where the secret itself stands in the variable, that is what it would show.
  const text = await readMountedFile(path).catch((error: unknown) => {
    throw unavailable(variable, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  });
  // Editors and `kubectl create secret` leave one line end at the end of the file; it is no part of the value.
  const value = text.replace(/\r?\n$/, '');
  if (!isFilled(value)) throw unavailable(variable, 'is blank');
  return value;
}

function unavailable(variable: string, what: string): DokStampError {
  return new DokStampError(
    'credentials_unavailable',
    `The file that ${variable} names ${what}. Mount it, or correct the variable.`,
    { retryable: true },
  );
}
