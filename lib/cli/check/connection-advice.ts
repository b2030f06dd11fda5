import type { DokStampError } from '../../errors/dokstamp.error.js';
import { type Proxy, named } from './proxy.js';
import { type Advice, tlsAdvice } from './tls-advice.js';

const NO_WAY: Advice = {
  what: 'there is no way to %s',
  next: 'Check the network, the firewall, and whether the machine needs a proxy (HTTPS_PROXY).',
};

const NO_NAME: Advice = {
  what: 'DNS does not know %s',
  next: "Check the host in DOKSTAMP_BASE_URL, and the machine's DNS.",
};

const HANGS_UP: Advice = {
  what: '%s hangs up',
  next: 'Check the port in DOKSTAMP_BASE_URL, and what stands between.',
};

// By the code of Node.js, where no connection was made: with a proxy, none to the proxy.
const UNCONNECTED: Readonly<Record<string, Advice>> = {
  ENOTFOUND: NO_NAME,
  EAI_AGAIN: NO_NAME,
  ECONNREFUSED: {
    what: '%s refuses the connection',
    next: 'Check the host and the port of DOKSTAMP_BASE_URL, and whether the server runs.',
  },
  ETIMEDOUT: NO_WAY,
  ENETUNREACH: NO_WAY,
  EHOSTUNREACH: NO_WAY,
};

const CUT_OFF: Readonly<Record<string, Advice>> = {
  ECONNRESET: HANGS_UP,
  EPIPE: HANGS_UP,
  ECONNABORTED: NO_WAY,
};

/** Why there was no answer, and what to do about it. */
export function adviceFor(
  { cause, message }: DokStampError,
  baseURL: string,
  proxy: Proxy | undefined,
): Advice {
  const { host } = new URL(baseURL);
  const { code, message: words = '' } = (cause ?? {}) as { code?: unknown; message?: string };
  const key = typeof code === 'string' ? code : '';
  const unconnected = UNCONNECTED[key];
  if (unconnected && proxy) {
    return {
      what: told(unconnected, named(proxy), key),
      next: `Check ${proxy.variable} and whether the proxy runs, or take ${host} out by NO_PROXY.`,
    };
  }
  const advice = unconnected ?? CUT_OFF[key] ?? tlsAdvice(key, words);
  return {
    what: advice ? told(advice, host, key) : message,
    next: through(proxy, advice?.next ?? 'Check the network and DOKSTAMP_BASE_URL.'),
  };
}

function told({ what }: Advice, subject: string, code: string): string {
  return `${what.replace('%s', subject)} (${code})`;
}

/** What to do next, and that the proxy may be at fault as well. */
export function through(proxy: Proxy | undefined, next: string): string {
  if (!proxy) return next;
  return `${next} Requests go through ${named(proxy)}: check it too, or take the host out by NO_PROXY.`;
}
