import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { DokStampModule, TokenService } from '../../../lib/index.js';
import { stubDokStamp } from '../../support/stub-server.js';
import { advance, freezeTime, waitUntil } from '../../support/time.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

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
    for (let turn = 0; turn < 50 && accounts[0]?.deref(); turn++) {
      await setImmediate();
      collectGarbage();
    }
    expect(accounts[0]?.deref()).toBeUndefined();
    await advance(120_000, 1_000);
    expect(server.tokenRequests).toBe(1);
  });
});
