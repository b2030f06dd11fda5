import { DokStampError } from '../errors/dokstamp.error.js';
import { isFilled, isLegalHeaderValue } from '../options/header-value.js';
import type { ResolvedOptions } from '../options/resolved-options.js';

/** The possible origins of a request's tenant, in this order, and the request they are for. */
interface TenantSources {
  /** The request's own header. */
  readonly own: unknown;
  readonly request: string | undefined;
  readonly option: ResolvedOptions['tenant'];
  readonly path: string;
  readonly account: string | undefined;
}

/**
 * The value of `X-Tenant`.
 * @throws {DokStampError} `tenant_invalid` if no header may carry it, or if the tenant function returns a promise;
 * `tenant_missing` if the tenant function throws
 */
export function tenantOf(sources: TenantSources): string | undefined {
  const tenant: unknown = sources.own ?? sources.request ?? fromOption(sources);
  if (!isFilled(tenant)) return undefined;
  if (isLegalHeaderValue(tenant)) return tenant;
  throw tenantInvalid(
    'The tenant has characters that no header may carry. Pass the tenant identifier (tenant.domain) as it is.',
    sources.account,
  );
}

function tenantInvalid(message: string, account: string | undefined): DokStampError {
  return new DokStampError('tenant_invalid', message, { account });
}

/** The error for a request that needs a tenant and has none. */
export function tenantMissing(
  path: string,
  account: string | undefined,
  cause?: unknown,
): DokStampError {
  return new DokStampError(
    'tenant_missing',
    `There is no tenant for the request to ${path}. Set the tenant option, dokStamp.tenant or the X-Tenant header.`,
    { account, cause },
  );
}

function fromOption({ option, path, account }: TenantSources): unknown {
  if (typeof option !== 'function') return option;
  const tenant = calledFor(option, path, account);
  if (!isThenable(tenant)) return tenant;
  // The promise has no other owner that would handle its rejection.
  Promise.resolve(tenant).catch(() => {});
  throw tenantInvalid(
    'The tenant function must return a string, not a promise. Read the tenant before the request is sent.',
    account,
  );
}

function calledFor(option: () => unknown, path: string, account: string | undefined): unknown {
  try {
    return option();
  } catch (error) {
    throw tenantMissing(path, account, error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
