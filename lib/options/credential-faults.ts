import { cleanCredential, hasControlCharacters } from './credential-value.js';
import type { DokStampOptions } from './dokstamp-options.interface.js';
import { isFilled } from './header-value.js';

/** What is wrong with the credentials among the options: a missing or blank one, or both kinds at once. */
export function credentialFaults({
  credentials,
  clientId,
  clientSecret,
}: DokStampOptions): string[] {
  if (credentials === undefined) {
    return [
      ...valueFaults('clientId', 'DOKSTAMP_CLIENT_ID', clientId),
      ...valueFaults('clientSecret', 'DOKSTAMP_CLIENT_SECRET', clientSecret),
    ];
  }
  const both = clientId !== undefined || clientSecret !== undefined;
  return [
    ...(typeof credentials === 'function' ? [] : ['credentials must be a function']),
    ...(both
      ? ['credentials and clientId/clientSecret are both given: keep one of the two kinds']
      : []),
  ];
}

/** What is wrong with one constant value of the credentials. */
export function valueFaults(option: string, variable: string, value: unknown): string[] {
  if (!isFilled(value)) return [missingCredential(option, variable)];
  return controlCharacterFaults(`${option} (${variable})`, value);
}

/** The fault of an id or secret that is missing. */
export function missingCredential(option: string, variable: string): string {
  return (
    `${option} is missing or blank: set ${variable} or ${variable}_FILE, or pass ${option} or credentials. ` +
    'ConfigModule.forRoot() loads .env, and its validate function or schema must let DOKSTAMP_* through.'
  );
}

/** @param what what contains the value */
export function controlCharacterFaults(what: string, value: string): string[] {
  return hasControlCharacters(cleanCredential(value))
    ? [`${what} contains a control character. Save the value as UTF-8 text in one line.`]
    : [];
}
