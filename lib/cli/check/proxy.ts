/** The proxy that the environment names, as axios reads it. */
export interface Proxy {
  readonly variable: string;
  /** Host and port; not who logs in there. */
  readonly host: string;
}

/** The proxy that requests to this URL may go through; `NO_PROXY` may still take the host out. */
export function proxyInUse(url: string): Proxy | undefined {
  const scheme = new URL(url).protocol.slice(0, -1);
  const names = [`${scheme}_proxy`, 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  const variable = names.find((name) => process.env[name]);
  if (variable === undefined) return undefined;
  const value = process.env[variable] as string;
  const given = value.includes('://') ? value : `http://${value}`;
  return { variable, host: URL.canParse(given) ? new URL(given).host : 'of no readable URL' };
}
