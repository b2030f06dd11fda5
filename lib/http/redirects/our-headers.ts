const NOT_FOR_OTHERS = /^(?:authorization|x-tenant)$/i;

/** Takes out what another origin must not see. */
export function dropOurHeaders(headers: object): void {
  for (const name of Object.keys(headers)) {
    if (NOT_FOR_OTHERS.test(name)) Reflect.deleteProperty(headers, name);
  }
}

/**
 * Whether the request that was answered still carried an `Authorization`: the last one of a chain of redirects that
 * led to another origin does not, and its 401 says nothing of our token.
 */
export function carriedAuthorization(request: unknown): boolean {
  const { getHeader, headers } = (request ?? {}) as {
    getHeader?: (name: string) => unknown;
    headers?: { has?: (name: string) => boolean };
  };
  if (typeof getHeader === 'function')
    return getHeader.call(request, 'authorization') !== undefined;
  if (typeof headers?.has === 'function') return headers.has('authorization');
  return true;
}
