import type { ResolvedOptions } from '../options/resolved-options.js';
import { SYSTEM_CLOCK } from '../async/clock.js';
import type { TokenService } from '../token/token.service.js';
import { AuthorizedSend } from './authorization/access-token.adapter.js';
import type { AxiosInstance } from '../axios/axios.types.js';
import { DokStampHttpService } from './dokstamp-http.service.js';
import { DokStampInterceptor } from './dokstamp.interceptor.js';
import { createInstance } from '../axios/host-axios.js';
import { RedirectGuard } from './redirects/redirect-guard.js';
import { RenewalHoldback } from './authorization/renewal-backoff.js';
import { RequestTarget } from './api-scope.js';
import { TokenSource } from './authorization/token-source.js';

/**
 * Assembles the HTTP room for one account. Its axios instance comes with the first look at it: an account that only
 * holds a token, among a thousand others, goes without, which saves it a quarter of its memory.
 */
export function createHttpService(
  options: ResolvedOptions,
  tokens: TokenService,
): DokStampHttpService {
  let instance: AxiosInstance | undefined;
  // In the place where HttpService keeps its instance, which is the global axios until here.
  return Object.defineProperty(new DokStampHttpService(), 'instance', {
    get: () => (instance ??= createAuthorizedInstance(options, tokens)),
    set(other: AxiosInstance) {
      instance = other;
    },
  });
}

function createAuthorizedInstance(options: ResolvedOptions, tokens: TokenService): AxiosInstance {
  const { baseURL, http, tenant, replayOnUnauthorized, mask } = options;
  const instance = createInstance({ ...http, baseURL });
  const target = new RequestTarget(instance, baseURL);
  const authorized = new AuthorizedSend({
    tokens: new TokenSource(tokens, mask),
    holdback: new RenewalHoldback(() => SYSTEM_CLOCK.monotonic()),
    replayByDefault: replayOnUnauthorized,
  });
  const redirects = new RedirectGuard(target);
  new DokStampInterceptor({ target, redirects, tenant, authorized, mask }).mount(instance);
  return instance;
}
