import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { getTokenServiceToken } from '../dokstamp.constants.js';
import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import type { TokenService } from '../token/token.service.js';
import { detailsOf, healthOf } from './health.js';

/** What `check()` gives. Terminus 11 knows up and down only. */
interface Session<Key extends string> {
  up(details: object): HealthIndicatorResult<Key>;
  down(details: object): HealthIndicatorResult<Key>;
  degraded?(details: object): HealthIndicatorResult<Key>;
}

export interface DokStampHealthOptions {
  /** The account, as registered by `name`. @default the account without a name */
  readonly name?: string | undefined;
  /** Whether an account whose renewal fails while its token is still valid counts as down. @default false */
  readonly degradedIsDown?: boolean | undefined;
}

/**
 * Whether an account has a token to send: an indicator for the readiness check of `@nestjs/terminus` 11 and 12. It
 * tells what the process knows, and asks the server nothing. It is no liveness check: a restart heals no token endpoint.
 *
 * @example In a module that imports `TerminusModule` and provides `DokStampHealthIndicator`
 * ```ts
 * // with `@Controller('health')`
 * export class HealthController {
 *   constructor(
 *     private readonly health: HealthCheckService,
 *     private readonly dokStamp: DokStampHealthIndicator,
 *   ) {}
 *
 *   // with `@Get('ready')` and `@HealthCheck()`
 *   ready() {
 *     return this.health.check([() => this.dokStamp.isHealthy('dokstamp')]);
 *   }
 * }
 * ```
 */
@Injectable()
export class DokStampHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly moduleRef: ModuleRef,
  ) {}

  /**
   * Up with a valid token; `degraded` (terminus 12), or up with `degraded: true` (terminus 11), while its renewal fails;
   * down without one, so with `startup: 'lazy'` also before the first use. Beside it stand the state of the token,
   * `expiresAt`, `nextRenewalAt`, and of the last failure its code and `retryAt`.
   * @param key under which the result stands
   * @throws {DokStampConfigError} where no account of this name is registered
   */
  async isHealthy<const Key extends string>(
    key: Key,
    options: DokStampHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const { name, degradedIsDown = false } = options;
    const { status } = this.#tokensOf(name);
    const health = healthOf(status);
    const details = detailsOf(status);
    const session: Session<Key> = this.indicators.check(key);
    if (health === 'up') return session.up(details);
    if (health === 'down' || degradedIsDown) return session.down(details);
    return session.degraded?.(details) ?? session.up({ ...details, degraded: true });
  }

  #tokensOf(name: string | undefined): TokenService {
    try {
      return this.moduleRef.get(getTokenServiceToken(name), { strict: false });
    } catch {
      const which = name === undefined ? 'without a name' : `"${name}"`;
      throw new DokStampConfigError([
        `isHealthy() asks for the account ${which}, which is not registered: register it with DokStampModule, or give ` +
          'the name that it is registered by',
      ]);
    }
  }
}
