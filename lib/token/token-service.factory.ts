import { SchedulerRegistry } from '@nestjs/schedule';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { type Clock, SYSTEM_CLOCK } from './clock.js';
import { CredentialsSource } from './credentials-source.js';
import { FailureGate } from './failure-gate.js';
import { RenewalTimer } from './renewal-timer.js';
import { TokenAcquisition } from './token-acquisition.js';
import { TokenEndpointClient } from './token-endpoint.client.js';
import { TokenLifecycle } from './token-lifecycle.js';
import { TokenReporter } from './token-reporter.js';
import { TokenService } from './token.service.js';

/** What one account's token service is made of. */
export interface TokenServiceSetup {
  readonly options: ResolvedOptions;
  readonly account?: string | undefined;
  /** The host's registry; a private one without it. */
  readonly registry?: SchedulerRegistry | undefined;
  readonly clock?: Clock;
}

/** Assembles the token room for one account. */
export function createTokenService(setup: TokenServiceSetup): TokenService {
  const { options, account, registry = new SchedulerRegistry(), clock = SYSTEM_CLOCK } = setup;
  const timerName =
    account === undefined ? 'dokstamp:token-renewal' : `dokstamp:${account}:token-renewal`;
  const credentials = new CredentialsSource(options.credentials, options.mask);
  const endpoint = new TokenEndpointClient(options, clock);
  const reporter = new TokenReporter(account);
  const lifecycle = new TokenLifecycle({
    acquisition: new TokenAcquisition(endpoint, credentials, clock, options.tokenTimeout),
    gate: new FailureGate(clock),
    timer: new RenewalTimer(registry, timerName, clock),
    reporter,
    clock,
    renewBeforeExpiry: options.renewBeforeExpiry,
    rereadable: credentials.rereadable,
  });
  return new TokenService(lifecycle, reporter.events$, options.startup);
}
