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
      ...(isFilled(clientId) ? [] : [missingCredential('clientId', 'DOKSTAMP_CLIENT_ID')]),
      ...(isFilled(clientSecret)
        ? []
        : [missingCredential('clientSecret', 'DOKSTAMP_CLIENT_SECRET')]),
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

/** The fault of a half of the pair that is not there. */
export function missingCredential(option: string, variable: string): string {
  return (
    `${option} is missing or blank: set ${variable} or ${variable}_FILE (ConfigModule.forRoot() loads .env), ` +
    `or pass ${option} or credentials`
  );
}
