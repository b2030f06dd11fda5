import { createHash, hkdfSync } from 'node:crypto';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import { FORMAT_VERSION } from './format-version.js';

/** What one pair of credentials shares its token under, and how it is encrypted. */
export interface AccountKeys {
  /** The key in the store. Drawn from the secret, so that it tells neither client id nor environment. */
  readonly name: string;
  /** The key under which a process says that it could get no token. */
  readonly failure: string;
  readonly encryption: Buffer;
  /** Bound to each value as associated data. */
  readonly account: Buffer;
}

const SALT = `nestjs-dokstamp/shared-token/${FORMAT_VERSION}`;

// HKDF takes 1,024 bytes of info.
const LONGEST_ACCOUNT = 1_000;

/**
 * Draws the keys of an account from its client secret (HKDF, RFC 5869); see `docs/shared-token-format.md`. Another
 * environment, client, secret or version of the format is another name, so that none overwrites the other's.
 */
export function accountKeys(baseURL: string, pair: DokStampCredentials): AccountKeys {
  const account = shortened(Buffer.from(JSON.stringify([baseURL, pair.clientId])));
  const draw = (purpose: string, bytes: number) =>
    Buffer.from(
      hkdfSync(
        'sha256',
        pair.clientSecret,
        SALT,
        Buffer.concat([Buffer.from(purpose), account]),
        bytes,
      ),
    );
  return {
    name: draw('name', 16).toString('base64url'),
    failure: draw('failure', 16).toString('base64url'),
    encryption: draw('encryption', 32),
    account,
  };
}

function shortened(account: Buffer): Buffer {
  return account.length > LONGEST_ACCOUNT ? createHash('sha256').update(account).digest() : account;
}
