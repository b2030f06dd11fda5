/**
 * Who takes part. `file` is the module in this folder; `axios: false` stands for those with an HTTP client of their
 * own; `auth: false` for those that manage no token, and have no place in the situations.
 */
export const CONTESTANTS = [
  { name: 'bare', label: 'bare axios, fixed headers (the limit)', auth: false },
  { name: 'bare-again', label: 'the same once more (A/A: the noise)', file: 'bare', auth: false },
  { name: 'http-service', label: 'plain `HttpService`, fixed headers', auth: false },
  { name: 'dokstamp-promise', label: '**nestjs-dokstamp**, `axiosRef`' },
  { name: 'dokstamp-observable', label: '**nestjs-dokstamp**, Observable' },
];

/** The module of a contestant. */
export function moduleOf(name) {
  const { file = name } = CONTESTANTS.find((contestant) => contestant.name === name);
  return new URL(`${file}.mjs`, import.meta.url).href;
}
