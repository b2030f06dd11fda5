import type { SecretMask } from '../redaction/secret-mask.js';
import type {
  DokStampCredentials,
  DokStampOptions,
  HttpDefaults,
} from './dokstamp-options.interface.js';
import type { TokenStore } from './token-store.interface.js';

/** These options with a value for each. */
export type Defined<T> = { [Name in keyof T]-?: NonNullable<T[Name]> };

/** The origin of the client credentials. The values themselves are in the closure of `read`. */
export interface CredentialsOrigin {
  /** Whether two reads may differ: true for a function or file, false for constants. */
  readonly rereadable: boolean;
  /** @param isRefused whether DokStamp has refused the credentials that were read last */
  read(isRefused: boolean): DokStampCredentials | Promise<DokStampCredentials>;
}

type Defaulted = 'startup' | 'renewBeforeExpiry' | 'tokenTimeout' | 'replayOnUnauthorized';

/** Checked options with their defaults, in the units of {@link DokStampOptions}; printing them shows no secret. */
export interface ResolvedOptions extends Defined<Pick<DokStampOptions, Defaulted>> {
  /** Name of the account. */
  readonly account: string | undefined;
  /** What the account is called in channels and metrics. */
  readonly telemetryName: string | undefined;
  readonly baseURL: string;
  readonly credentials: CredentialsOrigin;
  readonly tenant: string | (() => string | undefined) | undefined;
  readonly http: HttpDefaults;
  /** Undefined: the token is kept in memory only. */
  readonly tokenStore: TokenStore | undefined;
  /** Takes the account's secrets and tokens out of its errors and log lines; one for all parts. */
  readonly mask: SecretMask;
}
