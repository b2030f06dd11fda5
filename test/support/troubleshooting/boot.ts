import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable, type InjectionToken, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { expect, vi } from 'vitest';
import {
  DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  TokenService,
  getDokStampHttpToken,
} from '../../../lib/index.js';
import { RedisTokenStore } from '../../../lib/redis/index.js';
import { boot } from '../app.js';
import { ROOT } from '../repository.js';
import { type Producers, bootError, optionsError } from './produced.js';

const GOOD: DokStampOptions = {
  clientId: 'client',
  clientSecret: 'secret',
  tenant: 'my-university',
  startup: 'lazy',
};

/** A feature module whose service injects this, as an app has it. */
function featureOf(token: InjectionToken) {
  @Injectable()
  class CertificatesService {
    constructor(@Inject(token) readonly injected: unknown) {}
  }
  @Module({ providers: [CertificatesService] })
  class CertificatesModule {}
  return CertificatesModule;
}

/** Boots with a `.env`, and registers as an app that reads it too early; then as one that does not. */
async function dotenvError(): Promise<Error> {
  const folder = await mkdtemp(join(tmpdir(), 'dokstamp-dotenv-'));
  const envFilePath = join(folder, '.env');
  const file = 'DOKSTAMP_CLIENT_ID=client\nDOKSTAMP_CLIENT_SECRET=secret\nDOKSTAMP_STARTUP=lazy\n';
  await writeFile(envFilePath, file);
  const { DOKSTAMP_CLIENT_ID, DOKSTAMP_CLIENT_SECRET } = process.env;
  const tooEarly = { clientId: DOKSTAMP_CLIENT_ID, clientSecret: DOKSTAMP_CLIENT_SECRET };
  try {
    const error = await bootError(
      DokStampModule.forRoot(tooEarly),
      ConfigModule.forRoot({ envFilePath }),
    );
    await (await boot({ imports: [DokStampModule.forRootAsync()] })).close();
    return error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It threw nothing.');
}

/** Runs Node.js as it was before it could require an ES module. */
function requireError(): Promise<string> {
  const script = 'require("@nestjs/axios")';
  return new Promise((resolve) => {
    const args = ['--no-experimental-require-module', '-e', script];
    execFile(process.execPath, args, { cwd: ROOT }, (_error, _stdout, stderr) =>
      resolve(stderr.slice(stderr.indexOf('Error ['))),
    );
  });
}

/** What stops a boot. */
export const bootProducers: Producers = {
  'No client id or secret': async () => [await bootError(DokStampModule.forRootAsync())],
  'The variables are in .env, and the boot does not find them': async () => [await dotenvError()],
  'Credentials are given twice': async () => {
    const both = await optionsError({ credentials: () => ({ clientId: '', clientSecret: '' }) });
    vi.stubEnv('DOKSTAMP_CLIENT_ID', 'client');
    vi.stubEnv('DOKSTAMP_CLIENT_SECRET', 'secret');
    vi.stubEnv('DOKSTAMP_CLIENT_SECRET_FILE', '/run/secrets/dokstamp');
    return [both, await bootError(DokStampModule.forRootAsync())];
  },
  'The credentials option is no function': async () => [
    await optionsError({ clientId: null, clientSecret: null, credentials: GOOD }),
  ],
  'The base URL is refused': async () => [
    [
      await optionsError({ baseURL: 'api.dokstamp.com' }),
      await optionsError({ baseURL: '/api', allowInsecureHttp: true }),
    ],
    await optionsError({ baseURL: 'http://api.dokstamp.com' }),
    await optionsError({ baseURL: 'ftp://api.dokstamp.com' }),
    await optionsError({ baseURL: 'https://user:password@api.dokstamp.com/?a=1' }),
  ],
  'The tenant option is refused': async () => [
    [await optionsError({ tenant: ' ' }), await optionsError({ tenant: 7 })],
    await optionsError({ tenant: 'my\nuniversity' }),
  ],
  'Another option is refused': async () => [
    await optionsError({
      renewBeforeExpiry: '60s',
      tokenTimeout: 0,
      startup: 'eager',
      replayOnUnauthorized: 'true',
      allowInsecureHttp: 1,
      http: 'https',
    }),
  ],
  'The token store is refused': async () => [
    await optionsError({ tokenStore: { get: () => {} } }),
    thrownBy(() => new RedisTokenStore({ get: () => {} } as never)),
  ],
  'The name of an account is blank': async () => [await optionsError({ name: ' ' })],
  'No options were given': async () => [
    [
      await bootError(DokStampModule.forRootAsync({ useFactory: (() => {}) as never })),
      await bootError(DokStampModule.forRoot(undefined as never)),
    ],
  ],
  'DokStampModule is imported as a bare class': async () => [await bootError(DokStampModule)],
  'An account is registered more than once': async () => [
    await bootError(DokStampModule.forRoot(GOOD), DokStampModule.forRoot(GOOD)),
    await bootError(
      DokStampModule.forRoot({ ...GOOD, name: 'eu' }),
      DokStampModule.forRoot({ ...GOOD, name: 'eu' }),
    ),
  ],
  "Nest can't resolve DokStampHttpService or TokenService": async () => {
    const account = DokStampModule.forRoot(GOOD);
    const isGlobal = DokStampModule.forRoot({ ...GOOD, isGlobal: true });
    const feature = featureOf(DokStampHttpService);
    await (await boot({ imports: [isGlobal, feature] })).close();
    return [
      [await bootError(feature), await bootError(account, feature)],
      await bootError(account, featureOf(TokenService)),
    ];
  },
  "Nest can't resolve the account of a name": async () => {
    const feature = featureOf(getDokStampHttpToken('eu'));
    const within = { ...GOOD, isGlobal: true, useFactory: () => ({ ...GOOD, name: 'eu' }) };
    return [
      [
        await bootError(DokStampModule.forRoot({ ...GOOD, isGlobal: true }), feature),
        await bootError(DokStampModule.forRootAsync(within), feature),
      ],
    ];
  },
  "Nest can't resolve DOK_STAMP_MODULE_OPTIONS": async () => {
    class VaultService {}
    const useFactory = () => GOOD;
    return [
      await bootError(DokStampModule.forRootAsync({ inject: [VaultService], useFactory })),
      [
        await bootError(DokStampModule.forRootAsync({ inject: [undefined as never], useFactory })),
        await bootError(DokStampModule.forRootAsync({ useClass: undefined as never })),
        await bootError(DokStampModule.forRootAsync({ useFactory: undefined as never })),
      ],
    ];
  },
  'require() of an ES Module is not supported': async () => {
    const printed = await requireError();
    expect(printed).toContain("code: 'ERR_REQUIRE_ESM'");
    return [printed];
  },
};
