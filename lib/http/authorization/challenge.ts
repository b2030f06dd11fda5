import type { AxiosResponse } from '../../axios/axios.types.js';

/** Whether another token may help against this 401. */
export function isAboutToken(answer: AxiosResponse): boolean {
  return !lacksScope(answer) && carriedAuthorization(answer.request);
}

// RFC 6750, 3.1: the token is good but not enough; no other one would be.
function lacksScope({ headers }: AxiosResponse): boolean {
  // What stands in for the adapter in a test may answer without headers.
  const { 'www-authenticate': challenge } = (headers ?? {}) as Record<string, unknown>;
  return /error\s*=\s*"?insufficient_scope/i.test(String(challenge));
}

/**
 * Whether the request that was answered still carried an `Authorization`: the last one of a chain of redirects that
 * led to another origin does not, and its 401 says nothing of our token.
 */
function carriedAuthorization(request: unknown): boolean {
  const { getHeader } = (request ?? {}) as { getHeader?: (name: string) => unknown };
  return typeof getHeader !== 'function' || getHeader.call(request, 'authorization') !== undefined;
}
