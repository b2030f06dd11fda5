import type { INestApplicationContext, ModuleMetadata, Provider, Type } from '@nestjs/common';
import { vi } from 'vitest';
import { DokStampModule } from '../../lib/index.js';
import type { DokStampSandbox } from '../../lib/testing/index.js';
import { boot, optionsFor } from './app.js';

/** Sets the environment variables of an account at this sandbox, for the present test. */
export function environmentOf({ url, credentials, tenant }: DokStampSandbox, more: object = {}) {
  const variables = {
    DOKSTAMP_BASE_URL: url,
    DOKSTAMP_CLIENT_ID: credentials.clientId,
    DOKSTAMP_CLIENT_SECRET: credentials.clientSecret,
    DOKSTAMP_TENANT: tenant,
    ...more,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

/** Boots the module of a recipe, unchanged. */
export function bootModule(module: NonNullable<ModuleMetadata['imports']>[number]) {
  return boot({ imports: [module] });
}

/** Boots an app with an account at this sandbox and the class of a recipe. */
export async function bootProvider<T>(sandbox: DokStampSandbox, provider: Type<T> & Provider) {
  const account = DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'lazy' });
  const app: INestApplicationContext & AsyncDisposable = await boot({
    imports: [account],
    providers: [provider],
  });
  return Object.assign(app, { recipe: app.get<T>(provider) });
}

/** The requests of the API, without the token requests. */
export function callsOf(sandbox: DokStampSandbox): string[] {
  return sandbox.requests
    .filter(({ path }) => path !== '/oauth/token')
    .map(({ method, path }) => `${method} ${path.split('?')[0]}`);
}
