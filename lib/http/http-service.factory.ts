import type { ResolvedOptions } from '../options/resolved-options.js';
import { SYSTEM_CLOCK } from '../async/clock.js';
import type { Use } from '../async/use.interface.js';
import type { TokenService } from '../token/token.service.js';
import { DokStampHttpService } from './dokstamp-http.service.js';
import { DokStampInterceptor } from './dokstamp.interceptor.js';
import { createInstance } from '../axios/host-axios.js';
import { RedirectGuard } from './redirects/redirect-guard.js';
import { RenewalBackoff } from './authorization/renewal-backoff.js';
import { ApiScope } from './api-scope.js';
import { TokenSource } from './authorization/token-source.js';
import { UnauthorizedReporter } from './authorization/unauthorized-reporter.js';

/** Assembles the HTTP service of one account. @param use told of each call */
export function createHttpService(
  options: ResolvedOptions,
  tokens: TokenService,
  use?: Use,
): DokStampHttpService {
  const { account, baseURL, http, tenant, replayOnUnauthorized, mask } = options;
  const instance = createInstance({ ...http, baseURL });
  const scope = new ApiScope(instance, baseURL);
  const authorization = {
    tokens: new TokenSource(tokens, mask),
    backoff: new RenewalBackoff(() => SYSTEM_CLOCK.monotonic()),
    reporter: new UnauthorizedReporter(options, mask),
    replayByDefault: replayOnUnauthorized,
  };
  const redirects = new RedirectGuard(scope);
  const parts = { scope, redirects, tenant, authorization, account, mask, use };
  new DokStampInterceptor(parts).mount(instance);
  return new DokStampHttpService(instance);
}
