/**
 * Who takes part. `file` is the module in this folder where it is not the name; `manages: false` stands for those that
 * manage no token, and so have no place in the situations.
 */
export const CONTESTANTS = [
  { name: 'bare', label: 'bare axios, fixed headers (the limit)', manages: false },
  { name: 'bare-again', label: 'the same once more (A/A)', file: 'bare', manages: false },
  { name: 'http-service', label: 'plain `HttpService`, fixed headers', manages: false },
  { name: 'snippet', label: 'the documented snippet' },
  { name: 'axios-auth-refresh', label: '`axios-auth-refresh`' },
  { name: 'openid-client', label: '`openid-client` in an interceptor' },
  { name: 'simple-oauth2', label: '`simple-oauth2` in an interceptor' },
  { name: 'badgateway-oauth2-client', label: '`@badgateway/oauth2-client` (fetch)' },
  { name: 'azure-core-rest-pipeline', label: '`@azure/core-rest-pipeline`' },
  { name: 'dokstamp-promise', label: '**`nestjs-dokstamp`**, `axiosRef`' },
  { name: 'dokstamp-observable', label: '**`nestjs-dokstamp`**, Observable' },
];

/** Those that manage a token. */
export const MANAGERS = CONTESTANTS.filter(({ manages = true }) => manages);

/** The module of a contestant. */
export function moduleOf(name) {
  const { file = name } = CONTESTANTS.find((contestant) => contestant.name === name);
  return new URL(`${file}.mjs`, import.meta.url).href;
}
