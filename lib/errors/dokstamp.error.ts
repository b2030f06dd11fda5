/**
 * What went wrong, stable across versions: compare `error.code`, never the message.
 *
 * - `config_invalid`: an option is missing or wrong ({@link DokStampConfigError}).
 * - `invalid_client`: the token endpoint refuses the client credentials (RFC 6749, 5.2).
 * - `token_request_rejected`: the token endpoint answered another 4xx, or a redirect.
 * - `token_request_failed`: network error, timeout or 5xx at the token endpoint.
 * - `token_rate_limited`: 429, or 5xx with `Retry-After`.
 * - `token_response_invalid`: a 200 that is no token answer (RFC 6749, 5.1).
 * - `credentials_unavailable`: the credentials function or file gave no pair.
 * - `token_wait_timeout`: this caller's own `timeout` was over before a token came.
 * - `tenant_missing`, `tenant_invalid`: no tenant for a request that needs one, or one that no header may carry.
 * - `token_not_accepted`: the `cause` of a 401 that no new token cures; the tenant may be wrong or missing.
 * - `account_unknown`: no account is known for this key (`nestjs-dokstamp/accounts`).
 * - `body_not_replayable`: a 401 to a request whose stream is spent; pass `dokStamp.body`.
 * - `closed`: the application has shut down.
 */
export type DokStampErrorCode =
  | 'config_invalid'
  | 'invalid_client'
  | 'token_request_rejected'
  | 'token_request_failed'
  | 'token_rate_limited'
  | 'token_response_invalid'
  | 'credentials_unavailable'
  | 'token_wait_timeout'
  | 'tenant_missing'
  | 'tenant_invalid'
  | 'token_not_accepted'
  | 'account_unknown'
  | 'body_not_replayable'
  | 'closed';

/**
 * What a {@link DokStampError} tells besides its code and message.
 * @inline
 */
export interface DokStampErrorDetails {
  /** Whether the same call may succeed later without a change to the app or its configuration. */
  readonly retryable?: boolean | undefined;
  /** When the next token request may be made; until then calls reject at once. */
  readonly retryAt?: Date | undefined;
  /** HTTP status of the answer, if there was one. */
  readonly status?: number | undefined;
  /** `error_description` of the OAuth error body (RFC 6749, 5.2), with secrets masked. */
  readonly errorDescription?: string | undefined;
  /** Token requests that were made before giving up. */
  readonly attempts?: number | undefined;
  /** Name of the account, where it has one; told in the message too. */
  readonly account?: string | undefined;
  /** The error behind this one, free of secrets. */
  readonly cause?: unknown;
}

const BRAND = Symbol.for('nestjs-dokstamp.error');

/** Every failure of this package: a stable `code`, a message that names the next step, never a secret or token. */
export class DokStampError extends Error {
  /** What went wrong, to be compared in code. */
  readonly code: DokStampErrorCode;
  /** Whether the same call may succeed later without a change to the app or its configuration. */
  readonly retryable: boolean;
  /** When the next token request may be made; until then calls reject at once. */
  declare readonly retryAt?: Date | undefined;
  /** HTTP status of the answer, if there was one. */
  declare readonly status?: number | undefined;
  /** `error_description` of the OAuth error body (RFC 6749, 5.2), with secrets masked. */
  declare readonly errorDescription?: string | undefined;
  /** Token requests that were made before giving up. */
  declare readonly attempts?: number | undefined;
  /** Name of the account, where it has one. */
  declare readonly account?: string | undefined;

  constructor(code: DokStampErrorCode, message: string, details: DokStampErrorDetails = {}) {
    const { cause, retryable = false, account, ...rest } = details;
    super(prefixOf(account) + message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
    Object.assign(this, rest, account !== undefined && { account });
  }

  /** What goes into JSON: all but the stack and the cause. */
  toJSON(): object {
    return Object.assign({ name: this.name, message: this.message }, this);
  }
}

/** The same failure with more said about it; a shared error is never changed in place. @internal */
export function withDetails<E extends DokStampError>(error: E, details: DokStampErrorDetails): E {
  const { code, message, retryable, retryAt, status, errorDescription, attempts, account, cause } =
    error;
  const known = { retryable, retryAt, status, errorDescription, attempts, account, cause };
  const said = Object.entries({ ...known, ...details }).filter(([, value]) => value !== undefined);
  const text = message.slice(prefixOf(account).length);
  return new DokStampError(code, text, Object.fromEntries(said)) as E;
}

function prefixOf(account: string | undefined): string {
  return account === undefined ? '' : `[${account}] `;
}

Object.defineProperties(DokStampError.prototype, {
  name: { value: 'DokStampError', configurable: true, writable: true },
  [BRAND]: { value: true },
});

/**
 * Whether `error` is a {@link DokStampError}, also one of another copy of this package
 * (ESM beside CommonJS), where `instanceof` says no.
 */
export function isDokStampError(error: unknown): error is DokStampError {
  return typeof error === 'object' && error !== null && BRAND in error;
}
