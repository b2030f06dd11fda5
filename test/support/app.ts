import { type INestApplicationContext, Module, type ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  TokenService,
} from '../../lib/index.js';
import type { DokStampSandbox } from '../../lib/testing/index.js';

/** An initialised app with one account; `await using` closes it. */
export interface TestApp extends AsyncDisposable {
  readonly app: INestApplicationContext;
  readonly http: DokStampHttpService;
  readonly tokens: TokenService;
}

/** Options of an account at this sandbox. */
export function optionsFor(sandbox: DokStampSandbox): DokStampOptions {
  const { url: baseURL, credentials, tenant } = sandbox;
  return { baseURL, ...credentials, tenant };
}

/** Boots an app from modules. */
export async function boot(
  metadata: ModuleMetadata,
): Promise<INestApplicationContext & AsyncDisposable> {
  @Module(metadata)
  class HostModule {}
  const testing = await Test.createTestingModule({ imports: [HostModule] }).compile();
  const app = testing.createNestApplication({ logger: false });
  await app.init();
  return Object.assign(app, { [Symbol.asyncDispose]: () => app.close() });
}

/** Boots an app with this account only. */
export async function bootAccount(options: DokStampOptions): Promise<TestApp> {
  const app = await boot({ imports: [DokStampModule.forRoot(options)] });
  return {
    app,
    http: app.get(DokStampHttpService),
    tokens: app.get(TokenService),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
