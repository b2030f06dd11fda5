import { DokStampError } from '../errors/dokstamp.error.js';
import { isFilled, isLegalHeaderValue } from '../options/header-value.js';
import type { ResolvedOptions } from '../options/resolved-options.js';

/** Where the tenant of a request may come from, in this order, and whose request it is. */
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
 * @throws {DokStampError} `tenant_invalid`; `tenant_missing` when the tenant function throws
 */
export function tenantOf(sources: TenantSources): string | undefined {
  const tenant: unknown = sources.own ?? sources.request ?? fromOption(sources);
  if (!isFilled(tenant)) return undefined;
  if (isLegalHeaderValue(tenant)) return tenant;
  throw new DokStampError(
    'tenant_invalid',
    'The tenant has characters that no header may carry. Pass the tenant identifier (tenant.domain) as it is.',
    { account: sources.account },
  );
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

function fromOption({ option, path, account }: TenantSources): string | undefined {
  if (typeof option !== 'function') return option;
  try {
    return option();
  } catch (error) {
    throw tenantMissing(path, account, error);
  }
}
