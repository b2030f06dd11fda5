import type { HttpDefaults } from './dokstamp-options.interface.js';

const CONNECTION_KEYS = [
  'httpAgent',
  'httpsAgent',
  'proxy',
  'lookup',
  'family',
  'socketPath',
  'allowedSocketPaths',
  'insecureHTTPParser',
];

/** The part of the axios defaults that says how a connection is made, not what is sent over it. */
export function connectionDefaults(http: HttpDefaults): HttpDefaults {
  return Object.fromEntries(Object.entries(http).filter(([key]) => CONNECTION_KEYS.includes(key)));
}
