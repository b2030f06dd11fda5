import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DokStampConfigError,
  DokStampHttpService,
  DokStampModule,
  InjectDokStampHttp,
  InjectTokenService,
  type TokenEvent,
  TokenService,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../lib/index.js';
import { boot } from '../support/app.js';
import {
  EU_TIMER,
  Factory,
  TIMER,
  account,
  europe,
  send,
  server,
  setUp,
  tearDown,
} from '../support/registration.js';
import { apiRequests, rejectionOf, tokensSeen } from '../support/requests.js';
import { json, stubServer } from '../support/stub-server.js';

beforeEach(setUp);
afterEach(tearDown);

@Injectable()
class Accounts {
  constructor(
    @InjectDokStampHttp() readonly http: DokStampHttpService,
    @InjectTokenService() readonly tokens: TokenService,
    @InjectDokStampHttp('eu') readonly euHttp: DokStampHttpService,
    @InjectTokenService('eu') readonly euTokens: TokenService,
  ) {}
}

describe('several accounts in one app', () => {
  const both = () => ({
    imports: [
      ScheduleModule.forRoot(),
      DokStampModule.forRoot(account({ startup: 'required' })),
      DokStampModule.forRoot(europe({ startup: 'required' })),
    ],
    providers: [Accounts],
  });

  it('are injected by their names, and got by their tokens', async () => {
    await using app = await boot(both());
    const accounts = app.get(Accounts);
    expect(accounts.http).toBeInstanceOf(DokStampHttpService);
    expect(accounts.euHttp).toBeInstanceOf(DokStampHttpService);
    expect(accounts.euTokens).toBeInstanceOf(TokenService);
    expect(app.get(getDokStampHttpToken())).toBe(accounts.http);
    expect(app.get(getTokenServiceToken())).toBe(accounts.tokens);
    expect(app.get(getDokStampHttpToken('eu'))).toBe(accounts.euHttp);
    expect(app.get(getTokenServiceToken('eu'))).toBe(accounts.euTokens);
  });

  it('have the classes themselves as tokens where they have no name', () => {
    expect(getDokStampHttpToken()).toBe(DokStampHttpService);
    expect(getTokenServiceToken()).toBe(TokenService);
    expect(getDokStampHttpToken('eu')).toBe(getDokStampHttpToken('eu'));
    expect(getDokStampHttpToken('eu')).not.toBe(getTokenServiceToken('eu'));
    expect(getDokStampHttpToken('eu')).not.toBe(getDokStampHttpToken('us'));
  });

  it('have each its own axios instance, token and tenant', async () => {
    await using app = await boot(both());
    const { http, tokens, euHttp, euTokens } = app.get(Accounts);
    expect(http.axiosRef).not.toBe(euHttp.axiosRef);
    expect(tokens).not.toBe(euTokens);
    await send(http);
    await send(euHttp);
    expect(tokensSeen(server)).toEqual(['client-1/1', 'client-eu/1']);
    const tenants = apiRequests(server).map(({ headers }) => headers['x-tenant']);
    expect(tenants).toEqual(['my-university', 'eu-university']);
    await tokens.renew();
    expect(await euTokens.getToken()).toBe('client-eu/1');
    expect(euTokens.invalidate('client-1/2')).toBe(false);
    expect(await tokens.getToken()).toBe('client-1/2');
  });

  it('have each its own timer', async () => {
    await using app = await boot(both());
    const registry = app.get(SchedulerRegistry);
    expect(registry.getTimeouts().toSorted()).toEqual([EU_TIMER, TIMER]);
    app.get(Accounts).euTokens.onModuleDestroy();
    expect(registry.getTimeouts()).toEqual([TIMER]);
  });

  it('have each its own gate and events', async () => {
    await using unavailable = await stubServer((_, response) => json(response, 400, {}));
    const imports = [
      DokStampModule.forRoot(account()),
      DokStampModule.forRoot(europe({ baseURL: unavailable.url })),
    ];
    await using app = await boot({ imports, providers: [Accounts] });
    const { tokens, euTokens } = app.get(Accounts);
    const heard: Record<'unnamed' | 'eu', TokenEvent['type'][]> = { unnamed: [], eu: [] };
    tokens.events$.subscribe(({ type }) => heard.unnamed.push(type));
    euTokens.events$.subscribe(({ type }) => heard.eu.push(type));
    await expect(euTokens.getToken()).rejects.toMatchObject({ code: 'token_request_rejected' });
    expect(euTokens.status.state).toBe('blocked');
    expect(tokens.status.state).toBe('absent');
    expect(await tokens.getToken()).toBe('client-1/1');
    expect(heard).toEqual({ unnamed: ['issued'], eu: ['renewal-failed'] });
  });
});

describe('the same name registered twice in one app', () => {
  const unnamed = () => DokStampModule.forRoot(account());
  const unnamedAsync = () => DokStampModule.forRootAsync({ useClass: Factory });
  const eu = () => DokStampModule.forRoot(europe());
  const euAsync = () => DokStampModule.forRootAsync({ name: 'eu', useClass: Factory });

  const CASES: [title: string, first: () => DynamicModule, second: () => DynamicModule][] = [
    ['a name', eu, eu],
    ['a name, async', euAsync, euAsync],
    ['a name, both ways', eu, euAsync],
    ['no name', unnamed, unnamed],
    ['no name, async', unnamedAsync, unnamedAsync],
    ['no name, both ways', unnamed, unnamedAsync],
    [
      'a name, globally',
      () => DokStampModule.forRoot({ ...europe(), isGlobal: true }),
      () => DokStampModule.forRoot({ ...europe(), isGlobal: true }),
    ],
  ];

  it.each(CASES)('stops the boot and says isGlobal: %s', async (_, first, second) => {
    @Module({ imports: [second()] })
    class FeatureModule {}
    const error = await rejectionOf(boot({ imports: [first(), FeatureModule] }));
    expect(error).toBeInstanceOf(DokStampConfigError);
    expect((error as DokStampConfigError).faults).toEqual([expect.stringContaining('isGlobal')]);
    expect(server.seen).toEqual([]);
  });

  it.each(CASES)('stops it also where Nest compares modules by hash: %s', async (_, one, two) => {
    @Module({ imports: [two()] })
    class FeatureModule {}
    @Module({ imports: [one(), FeatureModule] })
    class HostModule {}
    const start = NestFactory.createApplicationContext(HostModule, {
      moduleIdGeneratorAlgorithm: 'deep-hash',
      abortOnError: false,
      logger: false,
    });
    const error = await rejectionOf(start);
    expect(error).toBeInstanceOf(DokStampConfigError);
    expect(error.message).toContain('isGlobal');
  });

  it('names the account', async () => {
    const named = await rejectionOf(boot({ imports: [eu(), eu()] }));
    expect(named.message).toContain('"eu"');
    const other = await rejectionOf(boot({ imports: [unnamed(), unnamed()] }));
    expect(other.message).toContain('without a name');
  });

  it.each<'reference' | 'deep-hash'>(['reference', 'deep-hash'])(
    'is one registration when it is one dynamic module object in several places (%s)',
    async (moduleIdGeneratorAlgorithm) => {
      const registration = DokStampModule.forRoot(europe());
      @Module({ imports: [registration] })
      class FirstModule {}
      @Module({ imports: [registration] })
      class SecondModule {}
      @Module({ imports: [registration, FirstModule, SecondModule] })
      class HostModule {}
      const app = await NestFactory.createApplicationContext(HostModule, {
        moduleIdGeneratorAlgorithm,
        abortOnError: false,
        logger: false,
      });
      const http = [HostModule, FirstModule, SecondModule].map((module) =>
        app.select(module).get<DokStampHttpService>(getDokStampHttpToken('eu')),
      );
      expect(new Set(http).size).toBe(1);
      await app.close();
    },
  );

  it('is no fault in two apps of one process', async () => {
    await using first = await boot({ imports: [unnamed()] });
    await using second = await boot({ imports: [unnamed()] });
    expect(first.get(TokenService)).not.toBe(second.get(TokenService));
  });
});
