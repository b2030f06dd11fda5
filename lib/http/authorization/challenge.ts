import type { AxiosResponse } from '../../axios/axios.types.js';
import { carriedAuthorization } from '../redirects/our-headers.js';

/** Whether another token may help against this 401. */
export function isAboutToken(answer: AxiosResponse): boolean {
  return !lacksScope(answer) && carriedAuthorization(answer.request);
}

// RFC 6750, 3.1: the token is good but not enough; no other one would be.
function lacksScope({ headers }: AxiosResponse): boolean {
  return /error\s*=\s*"?insufficient_scope/i.test(
    String((headers as Record<string, unknown>)['www-authenticate']),
  );
}
