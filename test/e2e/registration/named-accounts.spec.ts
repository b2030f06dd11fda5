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
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
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
} from '../../support/registration.js';
import { apiRequests, rejectionOf, tokensSeen } from '../../support/stub-account.js';
import { json, stubServer } from '../../support/stub-server.js';

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

  it('are injected by their names, and found by their tokens', async () => {
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

  it('have the classes themselves as tokens without a name', () => {
    expect(getDokStampHttpToken()).toBe(DokStampHttpService);
    expect(getTokenServiceToken()).toBe(TokenService);
    expect(getDokStampHttpToken('eu')).toBe(getDokStampHttpToken('eu'));
    expect(getDokStampHttpToken('eu')).not.toBe(getTokenServiceToken('eu'));
    expect(getDokStampHttpToken('eu')).not.toBe(getDokStampHttpToken('us'));
  });

  it('have an axios instance, token and tenant each', async () => {
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

  it('have a timer each', async () => {
    await using app = await boot(both());
    const registry = app.get(SchedulerRegistry);
    expect(registry.getTimeouts().toSorted()).toEqual([EU_TIMER, TIMER]);
    const timers = () => [TIMER, EU_TIMER].map((name): unknown => registry.getTimeout(name));
    const [timer, euTimer] = timers();
    await app.get(Accounts).euTokens.renew();
    expect(timers()[0]).toBe(timer);
    expect(timers()[1]).not.toBe(euTimer);
  });

  it('have a pause after a failure, and events, each', async () => {
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

describe('two accounts by the same factory', () => {
  it.each(['reference', 'deep-hash'] as const)(
    'are two accounts if Nest distinguishes modules by %s',
    async (moduleIdGeneratorAlgorithm) => {
      const register = (name: string) =>
        DokStampModule.forRootAsync({ name, useFactory: () => account() });
      @Module({ imports: [register('a'), register('b')] })
      class HostModule {}
      const app = await NestFactory.createApplicationContext(HostModule, {
        logger: false,
        moduleIdGeneratorAlgorithm,
      });
      const tokens = ['a', 'b'].map((name) => app.get<TokenService>(getTokenServiceToken(name)));
      expect(await tokens[0]?.getToken()).toBe('client-1/1');
      expect(await tokens[1]?.getToken()).toBe('client-1/2');
      await app.close();
    },
  );
});

describe('the same name registered twice in one app', () => {
  const unnamed = () => DokStampModule.forRoot(account());
  const unnamedAsync = () => DokStampModule.forRootAsync({ useClass: Factory });
  const eu = () => DokStampModule.forRoot(europe());
  const euAsync = () => DokStampModule.forRootAsync({ name: 'eu', useClass: Factory });

  const CASES: [title: string, first: () => DynamicModule, second: () => DynamicModule][] = [
    ['a name', eu, eu],
    ['a name, async', euAsync, euAsync],
    ['a name, sync and async', eu, euAsync],
    ['no name', unnamed, unnamed],
    ['no name, async', unnamedAsync, unnamedAsync],
    ['no name, sync and async', unnamed, unnamedAsync],
    [
      'a name, globally',
      () => DokStampModule.forRoot({ ...europe(), isGlobal: true }),
      () => DokStampModule.forRoot({ ...europe(), isGlobal: true }),
    ],
  ];

  it.each(CASES)('stops the boot and proposes isGlobal: %s', async (_, first, second) => {
    @Module({ imports: [second()] })
    class FeatureModule {}
    const error = await rejectionOf(boot({ imports: [first(), FeatureModule] }));
    expect(error).toBeInstanceOf(DokStampConfigError);
    expect((error as DokStampConfigError).faults).toEqual([expect.stringContaining('isGlobal')]);
    expect(server.seen).toEqual([]);
  });

  it.each(CASES)('stops the boot if Nest compares modules by hash: %s', async (_, one, two) => {
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

  it('is reported with the name of the account', async () => {
    const named = await rejectionOf(boot({ imports: [eu(), eu()] }));
    expect(named.message).toContain('"eu"');
    const other = await rejectionOf(boot({ imports: [unnamed(), unnamed()] }));
    expect(other.message).toContain('without a name');
  });

  it.each<'reference' | 'deep-hash'>(['reference', 'deep-hash'])(
    'is one registration if several places import the same dynamic module object (%s)',
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

  it('is allowed in two apps of one process', async () => {
    await using first = await boot({ imports: [unnamed()] });
    await using second = await boot({ imports: [unnamed()] });
    expect(first.get(TokenService)).not.toBe(second.get(TokenService));
  });
});
