import { registerAs } from '@nestjs/config';
import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import type { DokStampOptions } from './dokstamp-options.interface.js';
import { type Environment, readEnvironment } from './environment.js';
import { credentialsFromEnvironment } from './environment-credentials.js';
import { optionFaults } from './options.resolver.js';

/**
 * The options as a namespace (`dokstamp`) of `@nestjs/config`, read from the environment:
 * `DokStampModule.forRootAsync(dokStampConfig.asProvider())`.
 *
 * `DOKSTAMP_BASE_URL`, `DOKSTAMP_CLIENT_ID`, `DOKSTAMP_CLIENT_SECRET` (or `DOKSTAMP_CLIENT_ID_FILE`,
 * `DOKSTAMP_CLIENT_SECRET_FILE`), `DOKSTAMP_TENANT`, `DOKSTAMP_STARTUP`,
 * `DOKSTAMP_RENEW_BEFORE_EXPIRY` (seconds), `DOKSTAMP_TOKEN_TIMEOUT` (ms). A blank variable counts as unset.
 */
export const dokStampConfig = registerAs('dokstamp', (): DokStampOptions => {
  const env = readEnvironment();
  const options = withoutUnset({
    baseURL: env.DOKSTAMP_BASE_URL,
    tenant: env.DOKSTAMP_TENANT,
    // Checked with all the other options, so a wrong word is a fault like any other.
    startup: env.DOKSTAMP_STARTUP as DokStampOptions['startup'],
    renewBeforeExpiry: numberFrom(env, 'DOKSTAMP_RENEW_BEFORE_EXPIRY'),
    tokenTimeout: numberFrom(env, 'DOKSTAMP_TOKEN_TIMEOUT'),
  });
  const { faults, credentials } = credentialsFromEnvironment(env);
  if (faults.length > 0) {
    throw new DokStampConfigError([...faults, ...optionFaults({ ...options, ...credentials })]);
  }
  return Object.defineProperties(options, Object.getOwnPropertyDescriptors(credentials));
});

function numberFrom(env: Environment, variable: string): number | undefined {
  const text = env[variable];
  return text === undefined ? undefined : Number(text);
}

function withoutUnset(options: DokStampOptions): DokStampOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
