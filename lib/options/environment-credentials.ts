import { readFile } from 'node:fs/promises';
import { DokStampError } from '../errors/dokstamp.error.js';
import type { DokStampOptions } from './dokstamp-options.interface.js';

export type Environment = Readonly<Record<string, string | undefined>>;

type CredentialOptions = Pick<DokStampOptions, 'clientId' | 'clientSecret' | 'credentials'>;

/** The credential options that the environment gives, and what is wrong with how it gives them. */
export function credentialsFromEnvironment(env: Environment): {
  faults: string[];
  credentials: CredentialOptions;
} {
  const variables = ['DOKSTAMP_CLIENT_ID', 'DOKSTAMP_CLIENT_SECRET'] as const;
  const faults = variables
    .filter((name) => env[name] !== undefined && env[`${name}_FILE`] !== undefined)
    .map((name) => `${name} and ${name}_FILE are both set: keep one of the two`);
  const [clientId, clientSecret] = variables.map((name) => env[name]);
  const [idFile, secretFile] = variables.map((name) => env[`${name}_FILE`]);
  const hasBoth = (clientId ?? idFile) !== undefined && (clientSecret ?? secretFile) !== undefined;
  if (hasBoth && (idFile !== undefined || secretFile !== undefined)) {
    const credentials = async () => ({
      clientId: clientId ?? (await fromFile('DOKSTAMP_CLIENT_ID_FILE', idFile)),
      clientSecret: clientSecret ?? (await fromFile('DOKSTAMP_CLIENT_SECRET_FILE', secretFile)),
    });
    return { faults, credentials: { credentials } };
  }
  return { faults, credentials: unprinted({ clientId, clientSecret }) };
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

// Editors and `kubectl create secret` leave one line end at the end of the file; it is no part of the value.
async function fromFile(variable: string, path = ''): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new DokStampError(
      'credentials_unavailable',
      `The file that ${variable} names cannot be read (${reason}): ${path}. Mount it, or correct the variable.`,
      { retryable: true },
    );
  }
}
