import type { RequestOptions } from 'node:http';
import { createInstance } from '../../axios/host-axios.js';

/** The proxy that the environment names, as axios reads it. */
export interface Proxy {
  readonly variable: string;
  /** Host and port; not who logs in there. */
  readonly host: string;
}

/** The proxy that requests to this URL go through; none where `NO_PROXY` takes the host out. */
export async function proxyInUse(url: string): Promise<Proxy | undefined> {
  const scheme = new URL(url).protocol.slice(0, -1);
  const names = [`${scheme}_proxy`, 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  const variable = names.find((name) => process.env[name]);
  if (variable === undefined || !(await isProxied(url))) return undefined;
  const value = process.env[variable] as string;
  const given = value.includes('://') ? value : `http://${value}`;
  return { variable, host: URL.canParse(given) ? new URL(given).host : 'of no readable URL' };
}

// Axios has rules of its own for NO_PROXY, so it is asked: by a request that ends where it would be sent.
async function isProxied(url: string): Promise<boolean> {
  let proxied = true;
  const request = ({ path, agent }: RequestOptions): never => {
    proxied = !path?.startsWith('/') || agent !== undefined;
    throw new Error('Not to be sent.');
  };
  const asked = { adapter: 'http', maxRedirects: 0, transport: { request } } as const;
  await createInstance(asked)
    .get(url)
    .catch(() => {});
  return proxied;
}

/** A proxy in words. */
export function named({ host, variable }: Proxy): string {
  return `the proxy ${host} (${variable})`;
}
