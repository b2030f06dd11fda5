/** A fault of the connection, in plain words; `%s` stands for the host. */
export interface Advice {
  readonly what: string;
  readonly next: string;
}

const UNKNOWN_AUTHORITY: Advice = {
  what: 'the certificate of %s is signed by nobody that Node.js trusts',
  next: 'Where a gateway of your own opens TLS, name the file of its authority in NODE_EXTRA_CA_CERTS; else do not go on.',
};

// By the code of Node.js.
const CERTIFICATE_FAULTS: Readonly<Record<string, Advice>> = {
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
};

// By the words of OpenSSL, in this order: the code is EPROTO for most of them, and another in each version of Node.js.
const HANDSHAKE_FAULTS: readonly (readonly [RegExp, Advice])[] = [
  [
    /alert protocol version|unsupported protocol|no protocols available/,
    {
      what: '%s and Node.js have no version of TLS in common',
      next: 'Ask who runs the server for TLS 1.2 or later.',
    },
  ],
  [
    /\balert\b/,
    {
      what: '%s refuses the TLS handshake',
      next: 'It may ask for a client certificate, which this check has not: an app gives one by http.httpsAgent. Else ask who runs the server.',
    },
  ],
  [
    /wrong version number|packet length too long|http request/,
    {
      what: '%s does not speak TLS on this port',
      next: 'Check the scheme and the port of DOKSTAMP_BASE_URL.',
    },
  ],
];

/** What is wrong with TLS, if that is what failed. */
export function tlsAdvice(code: string, message: string): Advice | undefined {
  if (code !== 'EPROTO' && !code.startsWith('ERR_SSL_')) return CERTIFICATE_FAULTS[code];
  const words = `${code.replaceAll('_', ' ')} ${message}`.toLowerCase();
  return HANDSHAKE_FAULTS.find(([pattern]) => pattern.test(words))?.[1];
}
