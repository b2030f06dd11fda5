import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import { opaqueAgentsOf } from '../redaction/opaque-agent.js';
import { SecretMask } from '../redaction/secret-mask.js';
import { baseUrlFaults } from './base-url.js';
import { credentialFaults } from './credential-faults.js';
import { cleanCredential } from './credential-value.js';
import type { DokStampOptions } from './dokstamp-options.interface.js';
import { isFilled, isLegalHeaderValue } from './header-value.js';
import { observedName } from './observed-name.js';
import type { CredentialsOrigin, ResolvedOptions, Defined } from './resolved-options.js';
import { OPTION_NAMES, setOptions, unknownOptionFaults } from './set-options.js';

const DEFAULTS = {
  baseURL: 'https://api.dokstamp.com',
  startup: 'background',
  renewBeforeExpiry: 60,
  tokenTimeout: 10_000,
  replayOnUnauthorized: true,
  allowInsecureHttp: false,
} as const;

const STARTUPS: readonly unknown[] = ['background', 'required', 'lazy'];

/**
 * Checks the options as a whole and fills in the defaults.
 * @param otherFaults found elsewhere, and listed with those that are found here
 * @throws {DokStampConfigError} with every fault, naming options and environment variables but no values
 */
export function resolveOptions(
  given: DokStampOptions,
  account?: string,
  otherFaults: readonly string[] = [],
): ResolvedOptions {
  const faults = [...nameFaults(account), ...optionFaults(given), ...otherFaults];
  if (faults.length > 0) throw new DokStampConfigError(faults, account);
  const options = withDefaults(given);
  const http = { ...options.http, ...opaqueAgentsOf(options.http ?? {}) };
  return {
    account,
    telemetryName: observedName(account),
    baseURL: new URL(options.baseURL).href.replace(/\/+$/, ''),
    credentials: credentialsOrigin(options),
    tenant: options.tenant,
    startup: options.startup,
    renewBeforeExpiry: options.renewBeforeExpiry,
    tokenTimeout: options.tokenTimeout,
    replayOnUnauthorized: options.replayOnUnauthorized,
    http,
    tokenStore: options.tokenStore,
    mask: new SecretMask(),
  };
}

/**
 * Everything that is wrong with the options; empty for good ones.
 * @param names of the options that exist
 */
export function optionFaults(given: unknown, names: readonly string[] = OPTION_NAMES): string[] {
  if (typeof given !== 'object' || given === null) {
    return [
      'no options were given: pass an object to forRoot, let the factory return one, ' +
        'or call forRootAsync() to read them from the environment',
    ];
  }
  const options = withDefaults(given);
  const insecure: unknown = options.allowInsecureHttp;
  return [
    ...baseUrlFaults(options.baseURL, insecure === true).map(
      (fault) => `baseURL (DOKSTAMP_BASE_URL) ${fault}`,
    ),
    ...credentialFaults(options),
    ...tenantFaults(options.tenant),
    ...positive(
      'renewBeforeExpiry (DOKSTAMP_RENEW_BEFORE_EXPIRY)',
      options.renewBeforeExpiry,
      'seconds',
    ),
    ...positive('tokenTimeout (DOKSTAMP_TOKEN_TIMEOUT)', options.tokenTimeout, 'milliseconds'),
    ...when(
      !STARTUPS.includes(options.startup),
      'startup (DOKSTAMP_STARTUP) must be background, required or lazy',
    ),
    ...flag('replayOnUnauthorized', options.replayOnUnauthorized),
    ...flag('allowInsecureHttp', insecure),
    ...when(
      typeof (options.http ?? {}) !== 'object',
      'http must be an object of axios request defaults',
    ),
    ...when(
      !isTokenStore(options.tokenStore),
      'tokenStore must be an object with the methods read, write, lease and release: ' +
        'pass new RedisTokenStore(client) rather than the client',
    ),
    ...unknownOptionFaults(given, names),
  ];
}

type DefaultedOptions = DokStampOptions & Defined<Pick<DokStampOptions, keyof typeof DEFAULTS>>;

function withDefaults(given: DokStampOptions): DefaultedOptions {
  return { ...DEFAULTS, ...setOptions(given, OPTION_NAMES) };
}

/** The origin of the credentials of checked options. What a function returns is checked when it is read. */
function credentialsOrigin(options: DokStampOptions): CredentialsOrigin {
  const { credentials, clientId = '', clientSecret = '' } = options;
  if (credentials) return { rereadable: true, read: () => credentials() };
  const constant = {
    clientId: cleanCredential(clientId),
    clientSecret: cleanCredential(clientSecret),
  };
  return { rereadable: false, read: () => constant };
}

function tenantFaults(tenant: unknown): string[] {
  if (tenant === undefined || typeof tenant === 'function') return [];
  if (!isFilled(tenant))
    return ['tenant (DOKSTAMP_TENANT) must be a non-blank string or a function'];
  return when(
    !isLegalHeaderValue(tenant),
    'tenant (DOKSTAMP_TENANT) has characters that no header may carry',
  );
}

function isTokenStore(given: unknown): boolean {
  if (given === undefined) return true;
  const store = Object(given) as Record<string, unknown>;
  return ['read', 'write', 'lease', 'release'].every((name) => typeof store[name] === 'function');
}

function nameFaults(name: unknown): string[] {
  return when(
    name !== undefined && !isFilled(name),
    'name must be a non-blank string, or left out',
  );
}

function positive(what: string, value: unknown, unit: string): string[] {
  const good = typeof value === 'number' && Number.isFinite(value) && value > 0;
  return when(!good, `${what} must be a positive finite number of ${unit}`);
}

function flag(what: string, value: unknown): string[] {
  return when(typeof value !== 'boolean', `${what} must be true or false`);
}

function when(fault: boolean, text: string): string[] {
  return fault ? [text] : [];
}
