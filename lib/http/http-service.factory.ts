import type { ResolvedOptions } from '../options/resolved-options.js';
import { SYSTEM_CLOCK } from '../async/clock.js';
import type { TokenService } from '../token/token.service.js';
import { DokStampHttpService } from './dokstamp-http.service.js';
import { DokStampInterceptor } from './dokstamp.interceptor.js';
import { createInstance } from '../axios/host-axios.js';
import { RedirectGuard } from './redirects/redirect-guard.js';
import { RenewalBackoff } from './authorization/renewal-backoff.js';
import { ApiScope } from './api-scope.js';
import { TokenSource } from './authorization/token-source.js';
import { UnauthorizedReporter } from './authorization/unauthorized-reporter.js';

/** Assembles the HTTP service of one account. */
export function createHttpService(
  options: ResolvedOptions,
  tokens: TokenService,
): DokStampHttpService {
  const { account, baseURL, http, tenant, replayOnUnauthorized, mask } = options;
  const instance = createInstance({ ...http, baseURL });
  const scope = new ApiScope(instance, baseURL);
  const authorization = {
    tokens: new TokenSource(tokens, mask),
    backoff: new RenewalBackoff(() => SYSTEM_CLOCK.monotonic()),
    reporter: new UnauthorizedReporter(account, mask),
    replayByDefault: replayOnUnauthorized,
  };
  const redirects = new RedirectGuard(scope);
  new DokStampInterceptor({ scope, redirects, tenant, authorization, account, mask }).mount(
    instance,
  );
  return new DokStampHttpService(instance);
}
