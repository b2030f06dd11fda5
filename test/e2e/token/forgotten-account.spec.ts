import { Module } from '@nestjs/common';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { DokStampModule, TokenService } from '../../../lib/index.js';
import { collectGarbage } from '../../support/collect-garbage.js';
import { stubDokStamp } from '../../support/stub-server.js';
import { advance, freezeTime, waitUntil } from '../../support/time.js';

async function collectUntil(isCollected: () => boolean): Promise<void> {
  for (let turn = 0; turn < 50 && !isCollected(); turn++) await collectGarbage();
}

describe('an account that the app no longer references', () => {
  it('stops renewing after the boot failed because of another module', async () => {
    await using server = await stubDokStamp(undefined, 30);
    freezeTime();
    const accounts: WeakRef<TokenService>[] = [];
    const boot = async () => {
      class HostModule {}
      Module({
        imports: [
          DokStampModule.forRoot({
            baseURL: server.url,
            clientId: 'client',
            clientSecret: 'secret',
            isGlobal: true,
          }),
        ],
        providers: [
          {
            provide: 'other',
            inject: [TokenService],
            useFactory: (tokens: TokenService) => {
              accounts.push(new WeakRef(tokens));
              return {
                onModuleInit: () => {
                  throw new Error('the database is down');
                },
              };
            },
          },
        ],
      })(HostModule);
      const options = { logger: false as const, abortOnError: false };
      await NestFactory.createApplicationContext(HostModule, options).catch(() => {});
    };
    await boot();
    // The first token was requested, and its renewal is planned.
    await waitUntil(() => server.tokenRequests === 1);
    await advance(100);
    await collectUntil(() => accounts[0]?.deref() === undefined);
    expect(accounts[0]?.deref()).toBeUndefined();
    await advance(120_000, 1_000);
    expect(server.tokenRequests).toBe(1);
  });

  it('stops renewing if it was loaded by LazyModuleLoader, for which Nest calls no hook', async () => {
    await using server = await stubDokStamp(undefined, 30);
    freezeTime();
    class HostModule {}
    Module({})(HostModule);
    const load = async () => {
      const app = await NestFactory.createApplicationContext(HostModule, { logger: false });
      const account = DokStampModule.forRoot({
        baseURL: server.url,
        clientId: 'client',
        clientSecret: 'secret',
      });
      class LazyModule {}
      Module({ imports: [account], exports: [account] })(LazyModule);
      const lazy = await app.get(LazyModuleLoader).load(() => LazyModule);
      const tokens = lazy.get(TokenService, { strict: false });
      const token = tokens.getToken();
      await waitUntil(() => server.tokenRequests === 1);
      await token;
      await app.close();
      return new WeakRef(tokens);
    };
    const account = await load();
    await collectUntil(() => account.deref() === undefined);
    expect(account.deref()).toBeUndefined();
    await advance(120_000, 1_000);
    expect(server.tokenRequests).toBe(1);
  });
});
