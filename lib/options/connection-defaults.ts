import type { HttpDefaults } from './dokstamp-options.interface.js';

/**
 * The axios settings that say how a connection is made. They hold for the token request too. A test compares them with
 * the settings of the installed axios.
 */
export const CONNECTION_SETTINGS = [
  'adapter',
  'allowedSocketPaths',
  'env',
  'family',
  'fetchOptions',
  'http2Options',
  'httpAgent',
  'httpVersion',
  'httpsAgent',
  'insecureHTTPParser',
  'lookup',
  'proxy',
  'socketPath',
  'transport',
];

/** The connection settings among axios defaults. */
export function connectionDefaults(http: HttpDefaults): HttpDefaults {
  return Object.fromEntries(
    Object.entries(http).filter(([name]) => CONNECTION_SETTINGS.includes(name)),
  );
}
