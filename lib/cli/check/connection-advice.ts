import type { DokStampError } from '../../errors/dokstamp.error.js';
import { proxyInUse } from './proxy.js';

/** A fault of the connection, in plain words. */
interface Advice {
  readonly what: string;
  readonly next: string;
}

const UNKNOWN_AUTHORITY: Advice = {
  what: 'the certificate of %s is signed by nobody that Node.js trusts',
  next: 'Where a gateway of your own opens TLS, name the file of its authority in NODE_EXTRA_CA_CERTS; else do not go on.',
};

const NO_TLS: Advice = {
  what: '%s does not speak TLS on this port',
  next: 'Check the scheme and the port of DOKSTAMP_BASE_URL.',
};

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

// By the code of Node.js or OpenSSL.
const ADVICE: Readonly<Record<string, Advice>> = {
  ENOTFOUND: NO_NAME,
  EAI_AGAIN: NO_NAME,
  ECONNREFUSED: {
    what: '%s refuses the connection',
    next: 'Check the host and the port of DOKSTAMP_BASE_URL, and whether the server runs.',
  },
  ECONNRESET: HANGS_UP,
  EPIPE: HANGS_UP,
  ETIMEDOUT: NO_WAY,
  ECONNABORTED: NO_WAY,
  ENETUNREACH: NO_WAY,
  EHOSTUNREACH: NO_WAY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: {
    what: 'the certificate of %s has expired',
    next: "Check the machine's clock; if it is right, tell who runs the server.",
  },
  CERT_NOT_YET_VALID: {
    what: 'the certificate of %s is not valid yet',
    next: "Set the machine's clock.",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: 'the certificate of %s is for another host',
    next: 'Check the host in DOKSTAMP_BASE_URL; if it is right, do not go on.',
  },
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
};

/** Why there was no answer, and what to do about it. */
export function adviceFor({ cause, message }: DokStampError, baseURL: string): Advice {
  const { code } = (cause ?? {}) as { code?: unknown };
  const { what, next } = (typeof code === 'string' ? ADVICE[code] : undefined) ?? {
    what: message,
    next: 'Check the network and DOKSTAMP_BASE_URL.',
  };
  const proxy = proxyInUse(baseURL);
  const byProxy = proxy
    ? ` Requests may go through the proxy ${proxy.host} (${proxy.variable}): check it, or take the host out by NO_PROXY.`
    : '';
  const told = typeof code === 'string' ? ` (${code})` : '';
  return {
    what: what.replace('%s', new URL(baseURL).host) + (what === message ? '' : told),
    next: next + byProxy,
  };
}
