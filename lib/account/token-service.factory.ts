import { SchedulerRegistry } from '@nestjs/schedule';
import { type Clock, SYSTEM_CLOCK } from '../async/clock.js';
import type { Use } from '../async/use.interface.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { CredentialsSource } from '../token/credentials-source.js';
import { sharedProvider } from '../fleet/shared-provider.js';
import { TokenAcquisition } from '../token/token-acquisition.js';
import { TokenEndpointClient } from '../token/token-endpoint.client.js';
import { TokenManager } from '../token/token-manager.js';
import { TokenReporter } from '../token/token-reporter.js';
import { TokenService } from '../token/token.service.js';

export interface TokenServiceSetup {
  readonly options: ResolvedOptions;
  /** The host's registry. @default a private one */
  readonly registry?: SchedulerRegistry | undefined;
  readonly clock?: Clock;
  /** Notified of each token request. */
  readonly use?: Use | undefined;
  /** Whether a renewal that is due and that no caller waits for runs; if not, `plan()` plans it again. @default always */
  readonly renewsAhead?: (() => boolean) | undefined;
}

/** Assembles the token service of one account. */
export function createTokenService(setup: TokenServiceSetup): TokenService {
  const { options, registry = new SchedulerRegistry(), clock = SYSTEM_CLOCK } = setup;
  const { baseURL, mask, tokenStore: store, tokenTimeout } = options;
  const reporter = new TokenReporter(options, clock);
  const credentials = new CredentialsSource(options, clock);
  const endpoint = new TokenEndpointClient(options, clock);
  const acquisition = new TokenAcquisition(endpoint, credentials, clock, options);
  const publish: TokenReporter['store'] = (event) => reporter.store(event);
  const provider = store
    ? sharedProvider({
        acquisition,
        credentials,
        mask,
        store,
        baseURL,
        tokenTimeout,
        clock,
        publish,
      })
    : acquisition;
  const { use, renewsAhead } = setup;
  const parts = { options, provider, credentials, reporter, registry, clock, use, renewsAhead };
  return new TokenService(new TokenManager(parts), reporter.events$, options.startup);
}
