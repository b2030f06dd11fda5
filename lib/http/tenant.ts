import { DokStampError } from '../errors/dokstamp.error.js';
import { isFilled, isLegalHeaderValue } from '../options/header-value.js';
import type { ResolvedOptions } from '../options/resolved-options.js';

/**
 * The value of `X-Tenant`, from the first of: the request's own header, `dokStamp.tenant`, the `tenant` option.
 * @throws {DokStampError} `tenant_invalid`; `tenant_missing` when the tenant function throws
 */
export function tenantOf(
  ownHeader: unknown,
  requestTenant: string | undefined,
  option: ResolvedOptions['tenant'],
): string | undefined {
  const tenant: unknown =
    ownHeader ?? requestTenant ?? (typeof option === 'function' ? option() : option);
  if (tenant === undefined || tenant === null || tenant === false) return undefined;
  if (!isFilled(tenant)) return undefined;
  if (isLegalHeaderValue(tenant)) return tenant;
  throw new DokStampError(
    'tenant_invalid',
    'The tenant has characters that no header may carry. Pass the tenant identifier (tenant.domain) as it is.',
  );
}

/** The error for a request that needs a tenant and has none. */
export function tenantMissing(path: string, cause?: unknown): DokStampError {
  return new DokStampError(
    'tenant_missing',
    `There is no tenant for the request to ${path}. Set the tenant option, dokStamp.tenant or the X-Tenant header.`,
    { cause },
  );
}
