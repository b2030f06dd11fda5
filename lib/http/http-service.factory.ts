import type { SecretMask } from '../errors/secret-mask.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { SYSTEM_CLOCK } from '../token/clock.js';
import type { TokenService } from '../token/token.service.js';
import { AuthorizedSend } from './authorized-send.js';
import { DokStampHttpService } from './dokstamp-http.service.js';
import { DokStampInterceptor } from './dokstamp.interceptor.js';
import { createInstance } from './host-axios.js';
import { RedirectGuard } from './redirect-guard.js';
import { RenewalHoldback } from './renewal-holdback.js';
import { RequestTarget } from './request-target.js';
import { tokenSourceOf } from './token-source.js';

/** Assembles the HTTP room for one account. */
export function createHttpService(
  options: ResolvedOptions,
  service: TokenService,
  mask: SecretMask,
): DokStampHttpService {
  const { baseURL, http, tenant, replayOnUnauthorized } = options;
  const instance = createInstance({ ...http, baseURL });
  const target = new RequestTarget(instance, baseURL);
  const authorized = new AuthorizedSend({
    tokens: tokenSourceOf(service, mask),
    holdback: new RenewalHoldback(() => SYSTEM_CLOCK.monotonic()),
    replayByDefault: replayOnUnauthorized,
  });
  const redirects = new RedirectGuard(target);
  new DokStampInterceptor({ target, redirects, tenant, authorized, mask }).mount(instance);
  return new DokStampHttpService(instance);
}
