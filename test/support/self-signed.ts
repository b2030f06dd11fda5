import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key and its certificate, as PEM. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

const ECDSA_WITH_SHA256 = tlv(0x30, oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const SUBJECT_ALT_NAME = oid('551d11');
const DAY_MS = 86_400_000;

/** The fields of a certificate that are not the default. */
export interface CertificateTerms {
  /** @default 'localhost', with 127.0.0.1 */
  readonly host?: string;
  /** The end of its validity, ms since 1970. @default a day from now */
  readonly until?: number;
}

/**
 * A self-signed certificate (RFC 5280, 4.1). A client trusts it if it is given as `ca`. Node.js has no function to
 * create one.
 */
export function selfSigned(
  commonName: string,
  { host = 'localhost', until = Date.now() + DAY_MS }: CertificateTerms = {},
): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = tlv(0x30, tlv(0x31, tlv(0x30, COMMON_NAME, tlv(0x0c, Buffer.from(commonName)))));
  const hosts = tlv(
    0x30,
    tlv(0x82, Buffer.from(host)),
    ...(host === 'localhost' ? [tlv(0x87, Buffer.from([127, 0, 0, 1]))] : []),
  );
  const content = tlv(
    0x30,
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1]), randomBytes(8)),
    ECDSA_WITH_SHA256,
    name,
    tlv(0x30, utcTime(until - 2 * DAY_MS), utcTime(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, tlv(0x30, tlv(0x30, SUBJECT_ALT_NAME, tlv(0x04, hosts)))),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
  const der = tlv(0x30, content, ECDSA_WITH_SHA256, signature);
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: pem(der.toString('base64')),
  };
}

function pem(base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** One value of DER: its tag, its length, its content. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const longForm = length > 255 ? [0x82, length >> 8, length & 0xff] : [0x81, length];
  return Buffer.concat([Buffer.from([tag, ...(length < 128 ? [length] : longForm)]), content]);
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'));
}

function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '').slice(2, 14);
  return tlv(0x17, Buffer.from(`${digits}Z`));
}
