import { SchedulerRegistry } from '@nestjs/schedule';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { type Clock, SYSTEM_CLOCK } from '../async/clock.js';
import type { Use } from '../async/use.interface.js';
import { CredentialsRecheck } from '../credentials/credentials-recheck.js';
import { CredentialsSource } from '../credentials/credentials-source.js';
import { FailureGate } from './failure-gate.js';
import { RenewalPlanner } from './renewal-planner.js';
import { RenewalTimer } from './renewal-timer.js';
import { sharedSupply } from './shared-supply.js';
import { TokenAcquisition } from './token-acquisition.js';
import { TokenEndpointClient } from './token-endpoint.client.js';
import { TokenLifecycle } from './token-lifecycle.js';
import { TokenReporter } from './token-reporter.js';
import { TokenState } from './token-state.js';
import { TokenService } from './token.service.js';

/** What one account's token service is made of. */
export interface TokenServiceSetup {
  readonly options: ResolvedOptions;
  /** The host's registry; a private one without it. */
  readonly registry?: SchedulerRegistry | undefined;
  readonly clock?: Clock;
  /** Told of each token request. */
  readonly use?: Use | undefined;
  /** Whether a renewal that is due is made, though nobody waits for it; if not, `plan()` plans it again. @default always */
  readonly renewsAhead?: (() => boolean) | undefined;
}

/** Assembles the token service of one account. */
export function createTokenService(setup: TokenServiceSetup): TokenService {
  const { options, registry = new SchedulerRegistry(), clock = SYSTEM_CLOCK } = setup;
  const { use, renewsAhead = () => true } = setup;
  const { account, mask, tokenTimeout, renewBeforeExpiry, startup } = options;
  const timerName =
    account === undefined ? 'dokstamp:token-renewal' : `dokstamp:${account}:token-renewal`;
  const credentials = new CredentialsSource(options.credentials, mask);
  const recheck = new CredentialsRecheck(credentials, clock);
  const endpoint = new TokenEndpointClient(options, clock);
  const acquisition = new TokenAcquisition(endpoint, credentials, recheck, clock, tokenTimeout);
  const { baseURL, tokenStore: store } = options;
  const tell: TokenReporter['store'] = (event) => reporter.store(event);
  const supply = store
    ? sharedSupply({ acquisition, credentials, mask, store, baseURL, tokenTimeout, clock, tell })
    : acquisition;
  const gate = new FailureGate(clock, account);
  const timer = new RenewalTimer(registry, timerName, clock, () => {
    if (renewsAhead()) lifecycle.fetchAhead('scheduled');
  });
  const planner = new RenewalPlanner(timer, gate, clock, renewBeforeExpiry);
  const reporter = new TokenReporter(account);
  const state = new TokenState(gate, planner, reporter, clock, options.observedAs);
  const lifecycle = new TokenLifecycle(state, supply, recheck, gate, planner, clock, options, use);
  return new TokenService(state, lifecycle, reporter.events$, startup);
}
