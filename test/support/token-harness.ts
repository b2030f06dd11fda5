import type { LoggerService } from '@nestjs/common';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import {
  DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  type TokenEvent,
  TokenService,
} from '../../lib/index.js';

/** One line that the library logged, of the context `DokStamp`. */
export interface LogLine {
  readonly level: 'log' | 'error' | 'warn' | 'debug' | 'verbose' | 'fatal';
  readonly message: string;
}

/** An app that has one account and a scheduler, as far as tests of the token need it. */
export interface TokenHarness extends AsyncDisposable {
  readonly tokens: TokenService;
  readonly http: DokStampHttpService;
  /** All events since before the boot. */
  readonly events: TokenEvent[];
  /** All lines since before the boot; of two harnesses, the one that booted last gets the lines of both. */
  readonly log: LogLine[];
  readonly registry: SchedulerRegistry;
}

/**
 * Boots it. `startup` is `lazy` by default.
 * @param log receives the lines; pass it to read those of a boot that fails
 * @param duringBoot is called by another provider of the app, which waits for it
 */
export async function tokenHarness(
  options: DokStampOptions,
  log: LogLine[] = [],
  duringBoot: (tokens: TokenService) => unknown = () => {},
): Promise<TokenHarness> {
  const account = DokStampModule.forRoot({ startup: 'lazy', ...options });
  const app = await Test.createTestingModule({
    imports: [ScheduleModule.forRoot(), account],
    providers: [{ provide: 'user', inject: [TokenService], useFactory: duringBoot }],
  })
    .setLogger(loggerInto(log))
    .compile();
  const tokens = app.get(TokenService);
  const events: TokenEvent[] = [];
  tokens.events$.subscribe((event) => events.push(event));
  await app.init();
  return {
    tokens,
    http: app.get(DokStampHttpService),
    events,
    log,
    registry: app.get(SchedulerRegistry, { strict: false }),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

// Nest passes the context as the last parameter.
function loggerInto(log: LogLine[]): LoggerService {
  const at =
    (level: LogLine['level']) =>
    (message: unknown, ...rest: unknown[]): void => {
      if (rest.at(-1) === 'DokStamp') log.push({ level, message: String(message) });
    };
  return {
    log: at('log'),
    error: at('error'),
    warn: at('warn'),
    debug: at('debug'),
    verbose: at('verbose'),
    fatal: at('fatal'),
  };
}
