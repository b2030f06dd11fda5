import { createCipheriv, createDecipheriv } from 'node:crypto';
import { isFilled, isLegalHeaderValue } from '../options/header-value.js';
import type { AccountKeys } from './account-keys.js';
import { FORMAT_VERSION } from './format-version.js';

/** What the processes of a fleet tell each other of a token. */
export interface SharedGrant {
  readonly accessToken: string;
  /** From `issuedAt` on, ms. */
  readonly lifetimeMs: number;
  /** When the token request was sent, by the wall clock of the process that sent it, ms since 1970. */
  readonly issuedAt: number;
  /** How old the token was when it was written, ms; measured by one clock. */
  readonly ageMs: number;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

// A token answer is at most 64 KiB; in JSON and Base64 it may take twice as much.
const LONGEST_VALUE = 256 * 1024;

/** Encrypts a token for the store: version, nonce, ciphertext and tag in Base64url. @param nonce 12 random bytes */
export function seal(grant: SharedGrant, keys: AccountKeys, nonce: Buffer): string {
  const version = Buffer.of(FORMAT_VERSION);
  const cipher = createCipheriv(CIPHER, keys.encryption, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([version, keys.account]));
  const { accessToken, lifetimeMs, issuedAt, ageMs } = grant;
  const text = JSON.stringify([accessToken, lifetimeMs, issuedAt, ageMs]);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([version, nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** The token that `seal` has put there; undefined where it is anything else: garbled, somebody else's, of another version. */
export function unseal(value: string, keys: AccountKeys): SharedGrant | undefined {
  if (value.length > LONGEST_VALUE) return undefined;
  const bytes = Buffer.from(value, 'base64url');
  if (bytes[0] !== FORMAT_VERSION || bytes.length <= 1 + NONCE_BYTES + TAG_BYTES) return undefined;
  try {
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const cipher = createDecipheriv(CIPHER, keys.encryption, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.concat([bytes.subarray(0, 1), keys.account]));
    cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const sealed = bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES);
    const text = Buffer.concat([cipher.update(sealed), cipher.final()]).toString();
    return asGrant(JSON.parse(text));
  } catch {
    return undefined;
  }
}

// Whoever holds the secret wrote it, but not necessarily this code.
function asGrant(told: unknown): SharedGrant | undefined {
  const [accessToken, ...numbers] = Array.isArray(told) ? (told as unknown[]) : [];
  if (!isFilled(accessToken) || !isLegalHeaderValue(accessToken)) return undefined;
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return undefined;
  const [lifetimeMs, issuedAt, ageMs] = numbers as [number, number, number];
  if (lifetimeMs <= 0 || ageMs < 0) return undefined;
  return { accessToken, lifetimeMs, issuedAt, ageMs };
}
