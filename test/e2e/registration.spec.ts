import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { HttpModule, HttpService } from '@nestjs/axios';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  Scope,
} from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MODULE_OPTIONS_TOKEN } from '../../lib/dokstamp.module-definition.js';
import {
  DokStampConfigError,
  DokStampError,
  DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  type DokStampOptionsFactory,
  InjectDokStampHttp,
  InjectTokenService,
  type TokenEvent,
  TokenService,
  dokStampConfig,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../lib/index.js';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';
import { boot } from '../support/app.js';
import { apiRequests, rejectionOf, tokensSeen } from '../support/requests.js';
import { type StubServer, json, stubServer } from '../support/stub-server.js';

const SECRET = 'se+cret/of the=test';
const TIMER = 'dokstamp:token-renewal';
const EU_TIMER = 'dokstamp:eu:token-renewal';

/** A DokStamp whose tokens tell the client and how many it had: `client-1/1`. */
let server: StubServer;

beforeEach(async () => {
  const issued = new Map<string, number>();
  server = await stubServer(({ url, body }, response) => {
    if (url !== '/oauth/token') return json(response, 200, { data: [] });
    const client = new URLSearchParams(body.toString()).get('client_id') ?? '';
    const count = (issued.get(client) ?? 0) + 1;
    issued.set(client, count);
    const access_token = `${client}/${count}`;
    return json(response, 200, { token_type: 'Bearer', expires_in: 43_200, access_token });
  });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
});

/** Options that lead to the stub; nothing is asked before the first use. */
function account(options: DokStampOptions = {}): DokStampOptions {
  const pair = { clientId: 'client-1', clientSecret: SECRET };
  return { baseURL: server.url, ...pair, tenant: 'my-university', startup: 'lazy', ...options };
}

const europe = (options: DokStampOptions = {}) => ({
  name: 'eu',
  ...account({ clientId: 'client-eu', tenant: 'eu-university', ...options }),
});

function environment(variables: Record<string, string> = {}): void {
  const base = {
    DOKSTAMP_BASE_URL: server.url,
    DOKSTAMP_CLIENT_ID: 'client-env',
    DOKSTAMP_CLIENT_SECRET: SECRET,
    DOKSTAMP_TENANT: 'env-university',
    DOKSTAMP_STARTUP: 'lazy',
  };
  for (const [name, value] of Object.entries({ ...base, ...variables })) vi.stubEnv(name, value);
}

const tokenRequests = () => server.seen.filter(({ url }) => url === '/oauth/token').length;

const send = (http: HttpService) => firstValueFrom(http.get('/certificates'));

/** What a dynamic module makes of one call: the token and the tenant that were sent. */
async function sentBy(registration: DynamicModule, name?: string) {
  await using app = await boot({ imports: [registration] });
  await send(app.get<DokStampHttpService>(getDokStampHttpToken(name)));
  return {
    token: tokensSeen(server).at(-1),
    tenant: apiRequests(server).at(-1)?.headers['x-tenant'],
  };
}

@Injectable()
class Factory implements DokStampOptionsFactory {
  createDokStampOptions(): DokStampOptions {
    return account({ clientId: 'client-class' });
  }
}

@Module({ providers: [Factory], exports: [Factory] })
class FactoryModule {}

describe('an account is registered', () => {
  it('by forRoot with options', async () => {
    const sent = await sentBy(DokStampModule.forRoot(account()));
    expect(sent).toEqual({ token: 'client-1/1', tenant: 'my-university' });
  });

  it('by forRootAsync with a factory that takes what it injects from its imports', async () => {
    const registration = DokStampModule.forRootAsync({
      imports: [FactoryModule],
      inject: [Factory],
      useFactory: async (factory: Factory) => factory.createDokStampOptions(),
    });
    expect(await sentBy(registration)).toMatchObject({ token: 'client-class/1' });
  });

  it('by forRootAsync with a class', async () => {
    const registration = DokStampModule.forRootAsync({ useClass: Factory });
    expect(await sentBy(registration)).toMatchObject({ token: 'client-class/1' });
  });

  it('by forRootAsync with an existing provider', async () => {
    const registration = DokStampModule.forRootAsync({
      imports: [FactoryModule],
      useExisting: Factory,
    });
    expect(await sentBy(registration)).toMatchObject({ token: 'client-class/1' });
  });

  it.each<[string, () => DynamicModule]>([
    [
      'the namespace dokStampConfig as a provider',
      () => DokStampModule.forRootAsync(dokStampConfig.asProvider()),
    ],
    ['no argument', () => DokStampModule.forRootAsync()],
    ['no factory or class', () => DokStampModule.forRootAsync({ isGlobal: true })],
  ])('by forRootAsync with %s, from the environment', async (_, register) => {
    environment();
    const sent = await sentBy(register());
    expect(sent).toEqual({ token: 'client-env/1', tenant: 'env-university' });
  });

  it.each<[string, () => DynamicModule]>([
    [
      'by its provider',
      () => DokStampModule.forRootAsync({ ...dokStampConfig.asProvider(), name: 'eu' }),
    ],
    ['without a factory or class', () => DokStampModule.forRootAsync({ name: 'eu' })],
  ])('from the environment under a name, %s', async (_, register) => {
    environment();
    expect(await sentBy(register(), 'eu')).toMatchObject({ token: 'client-env/1' });
  });

  it('from the environment, beside what it imports', async () => {
    environment();
    const registration = DokStampModule.forRootAsync({ imports: [FactoryModule] });
    await using app = await boot({ imports: [registration] });
    expect(app.get(Factory)).toBeInstanceOf(Factory);
    expect(app.get(TokenService)).toBeInstanceOf(TokenService);
  });

  it('not from the environment where a class is undefined, as in a circular import', async () => {
    environment();
    const registration = DokStampModule.forRootAsync({ useClass: undefined });
    await expect(boot({ imports: [registration] })).rejects.toThrow(/resolve dependencies/);
  });

  it('from the namespace that the app has loaded and added to', async () => {
    environment();
    const registration = DokStampModule.forRootAsync({
      imports: [ConfigModule.forFeature(dokStampConfig)],
      inject: [dokStampConfig.KEY],
      useFactory: (namespace: DokStampOptions) => ({ ...namespace, tenant: 'another' }),
    });
    expect(await sentBy(registration)).toEqual({ token: 'client-env/1', tenant: 'another' });
  });
});

describe('wrong options stop the boot', () => {
  it.each<[string, (options: DokStampOptions) => DynamicModule]>([
    ['forRoot', (options) => DokStampModule.forRoot(options)],
    ['forRootAsync', (options) => DokStampModule.forRootAsync({ useFactory: () => options })],
  ])('of %s, with one DokStampConfigError that lists every fault', async (_, register) => {
    const wrong = account({ clientSecret: ' ', tenant: '', tokenTimeout: 0 });
    const error = await rejectionOf(boot({ imports: [register(wrong)] }));
    expect(error).toBeInstanceOf(DokStampConfigError);
    expect((error as DokStampConfigError).faults).toEqual([
      expect.stringContaining('clientSecret'),
      expect.stringContaining('tenant'),
      expect.stringContaining('tokenTimeout'),
    ]);
    expect(server.seen).toEqual([]);
  });

  it('of the environment, naming its variables', async () => {
    environment({ DOKSTAMP_CLIENT_ID: '', DOKSTAMP_STARTUP: 'soon' });
    const error = await rejectionOf(boot({ imports: [DokStampModule.forRootAsync()] }));
    expect(error).toBeInstanceOf(DokStampConfigError);
    expect(error.message).toMatch(/DOKSTAMP_CLIENT_ID/);
    expect(error.message).toMatch(/DOKSTAMP_STARTUP/);
  });

  it('of a named account, naming it', async () => {
    const registration = DokStampModule.forRoot(europe({ clientSecret: '' }));
    expect((await rejectionOf(boot({ imports: [registration] }))).message).toContain('"eu"');
  });

  it('of a factory that returns nothing', async () => {
    const useFactory = (() => undefined) as unknown as () => DokStampOptions;
    const registration = DokStampModule.forRootAsync({ useFactory });
    expect(await rejectionOf(boot({ imports: [registration] }))).toMatchObject({
      faults: [expect.stringContaining('no options were given')],
    });
  });

  it.each([undefined, null])('of forRoot that is given %s', async (nothing) => {
    const registration = DokStampModule.forRoot(nothing as unknown as DokStampOptions);
    const error = await rejectionOf(boot({ imports: [registration] }));
    expect(error).toBeInstanceOf(DokStampConfigError);
    expect((error as DokStampConfigError).faults).toEqual([
      expect.stringMatching(/^no options were given: pass .*forRootAsync\(\)/),
    ]);
  });
});

@Injectable()
class Consumer {
  constructor(
    readonly http: DokStampHttpService,
    readonly tokens: TokenService,
  ) {}
}

@Module({ providers: [Consumer], exports: [Consumer] })
class ConsumerModule {}

describe('isGlobal', () => {
  it.each<[string, () => DynamicModule]>([
    ['forRoot', () => DokStampModule.forRoot({ ...account(), isGlobal: true })],
    ['forRootAsync', () => DokStampModule.forRootAsync({ useClass: Factory, isGlobal: true })],
    ['the environment', () => DokStampModule.forRootAsync({ isGlobal: true })],
  ])('lets every module inject the account of %s', async (_, register) => {
    environment();
    await using app = await boot({ imports: [register(), ConsumerModule] });
    const consumer = app.get(Consumer);
    expect(consumer.http).toBe(app.get(DokStampHttpService));
    expect(consumer.tokens).toBe(app.get(TokenService));
  });

  it('is off unless it is asked for', async () => {
    const imports = [DokStampModule.forRoot(account()), ConsumerModule];
    await expect(boot({ imports })).rejects.toThrow(/resolve dependencies of the Consumer/);
  });
});

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

describe('a TokenService that is overridden', () => {
  it.each([undefined, 'eu'])('is the one that the HTTP service asks (name: %s)', async (name) => {
    const registration = DokStampModule.forRoot({ ...account(), ...(name ? { name } : {}) });
    const testing = await Test.createTestingModule({ imports: [registration] })
      .overrideProvider(getTokenServiceToken(name))
      .useValue({ getToken: async () => 'fake' })
      .compile();
    await using app = Object.assign(testing.createNestApplication({ logger: false }), {
      [Symbol.asyncDispose]: () => testing.close(),
    });
    await app.init();
    await send(app.get<DokStampHttpService>(getDokStampHttpToken(name)));
    expect(tokensSeen(server)).toEqual(['fake']);
    expect(tokenRequests()).toBe(0);
  });

  it('by a spy on getToken is honoured, for as long as the spy is there', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    const http = app.get(DokStampHttpService);
    const spy = vi.spyOn(app.get(TokenService), 'getToken').mockResolvedValue('spied');
    await send(http);
    expect(spy).toHaveBeenCalledTimes(1);
    expect(tokenRequests()).toBe(0);
    spy.mockRestore();
    await send(http);
    expect(tokensSeen(server)).toEqual(['spied', 'client-1/1']);
  });

  it('by a spy on the class is honoured too, after a token was had', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    const http = app.get(DokStampHttpService);
    await send(http);
    vi.spyOn(TokenService.prototype, 'getToken').mockResolvedValue('spied');
    await send(http);
    expect(tokensSeen(server)).toEqual(['client-1/1', 'spied']);
  });

  it('rejects calls with its own error, as it is', async () => {
    class OwnError extends DokStampError {}
    const error = new OwnError('credentials_unavailable', 'The vault is sealed.');
    const getToken = () => Promise.reject(error);
    const testing = Test.createTestingModule({ imports: [DokStampModule.forRoot(account())] });
    const app = await testing.overrideProvider(TokenService).useValue({ getToken }).compile();
    expect(await rejectionOf(send(app.get(DokStampHttpService)))).toBe(error);
  });

  it('by a spy after a token was had is honoured too', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    const http = app.get(DokStampHttpService);
    await send(http);
    vi.spyOn(app.get(TokenService), 'getToken').mockResolvedValue('spied');
    await send(http);
    expect(tokensSeen(server)).toEqual(['client-1/1', 'spied']);
  });
});

describe("the host's schedule", () => {
  let ticks = 0;

  class Ticker {
    @Interval(1_000)
    tick(): void {
      ticks++;
    }
  }

  /** How often a job of the host runs in ten seconds. */
  async function ticksOf(imports: DynamicModule[]): Promise<number> {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    ticks = 0;
    const app = await boot({ imports, providers: [Ticker] });
    await vi.advanceTimersByTimeAsync(10_000);
    await app.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    return ticks;
  }

  const schedules = (times: number) =>
    Array.from({ length: times }, () => ScheduleModule.forRoot());

  it.each([
    { times: 0, expected: 0 },
    { times: 1, expected: 10 },
    { times: 3, expected: undefined },
  ])(
    'ticks as often as without us with ScheduleModule $times times',
    async ({ times, expected }) => {
      const alone = await ticksOf(schedules(times));
      if (expected !== undefined) expect(alone).toBe(expected);
      const ours = () => [
        DokStampModule.forRoot(account({ startup: 'required' })),
        DokStampModule.forRoot(europe({ startup: 'required' })),
      ];
      expect(await ticksOf([...ours(), ...schedules(times)])).toBe(alone);
      expect(await ticksOf([...schedules(times), ...ours()])).toBe(alone);
      expect(tokenRequests()).toBe(4);
    },
  );

  it.each([1, 3])('lists the renewals, with ScheduleModule %d times', async (times) => {
    const imports = [
      DokStampModule.forRoot(account({ startup: 'required' })),
      DokStampModule.forRoot(europe({ startup: 'required' })),
      ...schedules(times),
    ];
    await using app = await boot({ imports });
    const registries = app.get(SchedulerRegistry, { strict: false, each: true });
    const listed = registries.flatMap((registry) => registry.getTimeouts());
    expect(listed.toSorted()).toEqual([EU_TIMER, TIMER]);
  });

  it('is not needed: without it the renewal is planned all the same', async () => {
    const registration = DokStampModule.forRoot(account({ startup: 'required' }));
    await using app = await boot({ imports: [registration] });
    expect(() => app.get(SchedulerRegistry)).toThrow();
    expect(app.get(TokenService).status.nextRenewalAt).toBeInstanceOf(Date);
  });

  it('forgets the renewal when the app closes', async () => {
    const registration = DokStampModule.forRoot(account({ startup: 'required' }));
    const app = await boot({ imports: [ScheduleModule.forRoot(), registration] });
    const registry = app.get(SchedulerRegistry);
    expect(registry.getTimeouts()).toEqual([TIMER]);
    await app.close();
    expect(registry.getTimeouts()).toEqual([]);
  });
});

/** Interceptors that are mounted on an axios instance, by direction. */
function interceptorsOf({ interceptors }: HttpService['axiosRef']): [number, number] {
  const count = (manager: object) => {
    let mounted = 0;
    (manager as { forEach(visit: () => void): void }).forEach(() => mounted++);
    return mounted;
  };
  return [count(interceptors.request), count(interceptors.response)];
}

describe("the host's own axios", () => {
  it('gets no interceptor, neither globally nor by a bare HttpModule', async () => {
    const imports = [DokStampModule.forRoot(account()), HttpModule];
    await using app = await boot({ imports });
    const bare = app.get(HttpService);
    await send(app.get(DokStampHttpService));
    expect(interceptorsOf(axios)).toEqual([0, 0]);
    expect(interceptorsOf(bare.axiosRef)).toEqual([0, 0]);
    const answers = [
      await axios.get(`${server.url}/plain`),
      await firstValueFrom(bare.get(`${server.url}/plain`)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    for (const { headers } of apiRequests(server).slice(1)) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('x-tenant');
      expect(headers['user-agent']).toMatch(/^axios/);
    }
  });

  it('keeps its defaults', async () => {
    const before = inspect(axios.defaults, { depth: 4 });
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    await send(app.get(DokStampHttpService));
    expect(inspect(axios.defaults, { depth: 4 })).toBe(before);
    expect(app.get(DokStampHttpService).axiosRef).not.toBe(axios);
  });

  it('gives us nothing of what is set on it between the boot and the first call', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    const { timeout, adapter } = axios.defaults;
    const others = vi.fn<() => Promise<never>>();
    Object.assign(axios.defaults, { timeout: 1, adapter: others, responseType: 'text' });
    const { axiosRef } = app.get(DokStampHttpService);
    Object.assign(axios.defaults, { timeout, adapter });
    delete axios.defaults.responseType;
    expect(axiosRef.defaults).toMatchObject({ timeout: 0 });
    expect(axiosRef.defaults.responseType).toBeUndefined();
    await send(app.get(DokStampHttpService));
    expect(others).not.toHaveBeenCalled();
  });

  it('reaches neither our API calls nor our token requests with its interceptors', async () => {
    const seen: (string | undefined)[] = [];
    const id = axios.interceptors.request.use((config) => {
      seen.push(config.url);
      return config;
    });
    await using app = await boot({ imports: [DokStampModule.forRoot(account()), HttpModule] });
    await send(app.get(DokStampHttpService));
    axios.interceptors.request.eject(id);
    expect(seen).toEqual([]);
    expect(server.seen).toHaveLength(2);
  });
});

@Injectable({ scope: Scope.REQUEST })
class RequestConsumer {
  constructor(
    @Inject(DokStampHttpService) readonly http: DokStampHttpService,
    @Inject(TokenService) readonly tokens: TokenService,
  ) {}
}

describe('a request-scoped consumer', () => {
  it('adds no instance, interceptor or timer', async () => {
    const registration = DokStampModule.forRoot(account({ startup: 'required' }));
    const imports = [ScheduleModule.forRoot(), registration];
    await using app = await boot({ imports, providers: [RequestConsumer] });
    const http = app.get(DokStampHttpService);
    const registry = app.get(SchedulerRegistry);
    const interceptors = interceptorsOf(http.axiosRef);
    const timer: unknown = registry.getTimeout(TIMER);
    const consumers: RequestConsumer[] = [];
    for (let request = 0; request < 10; request++) {
      const consumer = await app.resolve(RequestConsumer);
      await send(consumer.http);
      consumers.push(consumer);
    }
    expect(new Set(consumers).size).toBe(10);
    expect(new Set(consumers.map((consumer) => consumer.http))).toEqual(new Set([http]));
    expect(new Set(consumers.map(({ tokens }) => tokens)).size).toBe(1);
    expect(interceptorsOf(http.axiosRef)).toEqual(interceptors);
    expect(registry.getTimeouts()).toEqual([TIMER]);
    expect(registry.getTimeout(TIMER)).toBe(timer);
    expect(tokenRequests()).toBe(1);
  });
});

describe('an app that is closed', () => {
  it.each([0, 1])(
    'leaves no timers, ten times in a row, with ScheduleModule %d times',
    async (times) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
      const idle = interceptorsOf(axios);
      for (let life = 1; life <= 10; life++) {
        const schedule = times ? [ScheduleModule.forRoot()] : [];
        const registration = DokStampModule.forRoot(account({ startup: 'required' }));
        const app = await boot({ imports: [...schedule, registration] });
        await send(app.get(DokStampHttpService));
        expect(vi.getTimerCount()).toBe(1);
        await app.close();
        expect(vi.getTimerCount()).toBe(0);
      }
      expect(tokenRequests()).toBe(10);
      expect(interceptorsOf(axios)).toEqual(idle);
    },
  );

  it('plans no renewal from onModuleDestroy on; tokens can be had until it has shut down', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const seen: unknown[] = [];
    @Injectable()
    class LastJob implements BeforeApplicationShutdown {
      constructor(@InjectTokenService() readonly tokens: TokenService) {}

      async beforeApplicationShutdown(): Promise<void> {
        seen.push(this.tokens.status.nextRenewalAt, vi.getTimerCount());
        seen.push(await this.tokens.getToken(), await this.tokens.renew(), vi.getTimerCount());
      }
    }
    const registration = DokStampModule.forRoot(account({ startup: 'required' }));
    const app = await boot({ imports: [registration], providers: [LastJob] });
    await app.close();
    expect(seen).toEqual([undefined, 0, 'client-1/1', 'client-1/2', 0]);
    await expect(app.get(TokenService).getToken()).rejects.toMatchObject({ code: 'closed' });
  });

  it('leaves none while a token request is under way', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using hanging = await stubServer(() => {});
    const options = account({ baseURL: hanging.url, startup: 'background' });
    const app = await boot({ imports: [DokStampModule.forRoot(options)] });
    while (hanging.seen.length === 0) await setImmediate();
    const waiting = rejectionOf(app.get(TokenService).getToken());
    await app.close();
    expect(await waiting).toMatchObject({ code: 'closed' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('startup', () => {
  it('background: fetches the first token during boot', async () => {
    const options = account({ startup: 'background' });
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    expect(await app.get(TokenService).getToken()).toBe('client-1/1');
    expect(tokenRequests()).toBe(1);
  });

  it('background: does not hold the boot up, though the token endpoint never answers', async () => {
    await using hanging = await stubServer(() => {});
    const options = account({ baseURL: hanging.url, startup: 'background' });
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    expect(app.get(TokenService).status.state).toBe('absent');
    while (hanging.seen.length === 0) await setImmediate();
    expect(hanging.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /oauth/token',
    ]);
  });

  it('background: is what happens unless told otherwise', async () => {
    const { startup: _, ...options } = account();
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    while (server.seen.length === 0) await setImmediate();
    expect(await app.get(TokenService).getToken()).toBe('client-1/1');
  });

  it('required: the boot waits for the token', async () => {
    const options = account({ startup: 'required' });
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    expect(app.get(TokenService).status.state).toBe('valid');
    expect(tokenRequests()).toBe(1);
  });

  it.each(['required', 'background'] as const)(
    '%s: asks once, also where another provider gives the same TokenService',
    async (startup) => {
      const alias = { provide: 'alias', inject: [TokenService], useFactory: (it: unknown) => it };
      const imports = [DokStampModule.forRoot(account({ startup }))];
      await using app = await boot({ imports, providers: [alias] });
      expect(app.get('alias')).toBe(app.get(TokenService));
      await app.get(TokenService).getToken();
      expect(tokenRequests()).toBe(1);
    },
  );

  it.each([
    [400, 'invalid_client'],
    [401, 'invalid_client'],
    [403, 'token_request_rejected'],
    [429, 'token_rate_limited'],
    [500, 'token_request_failed'],
    [200, 'token_response_invalid'],
  ])('required: the boot fails with the typed error (%d: %s)', async (status, code) => {
    vi.spyOn(SYSTEM_CLOCK, 'random').mockReturnValue(0);
    const error = code === 'invalid_client' ? { error: code } : {};
    await using refusing = await stubServer((_, response) => json(response, status, error));
    const options = account({ baseURL: refusing.url, startup: 'required' });
    const failure = await rejectionOf(boot({ imports: [DokStampModule.forRoot(options)] }));
    expect(failure).toMatchObject({ name: 'DokStampError', code });
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(SECRET);
  });

  it('lazy: asks nothing before the first use', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    // Whatever had been sent during boot would have come in before these.
    for (let turn = 0; turn < 3; turn++) await axios.get(`${server.url}/plain`);
    expect(tokenRequests()).toBe(0);
    expect(app.get(TokenService).status.state).toBe('absent');
    await send(app.get(DokStampHttpService));
    expect(server.seen.slice(3).map(({ url }) => url)).toEqual(['/oauth/token', '/certificates']);
  });
});

describe("the app's container", () => {
  const spellings = [
    SECRET,
    encodeURIComponent(SECRET),
    new URLSearchParams({ s: SECRET }).toString().slice(2),
    Buffer.from(SECRET).toString('base64').slice(0, -2),
    'client-1/1',
    'client-env/1',
  ];

  it.each<[string, () => DynamicModule]>([
    ['forRoot', () => DokStampModule.forRoot(account())],
    ['forRootAsync', () => DokStampModule.forRootAsync({ useFactory: () => account() })],
    ['the environment', () => DokStampModule.forRootAsync()],
  ])('holds neither secret nor token in sight, registered by %s', async (_, register) => {
    environment();
    await using app = await boot({ imports: [register()] });
    await send(app.get(DokStampHttpService));
    const { axiosRef } = app.get(DokStampHttpService);
    const kept = [MODULE_OPTIONS_TOKEN, TokenService, DokStampHttpService].map((token) =>
      app.get<unknown>(token),
    );
    for (const part of [...kept, axiosRef]) {
      const printed = inspect(part, { depth: null, showHidden: true });
      if (part === kept[0] || part === axiosRef) expect(printed).toContain(server.url);
      for (const spelling of spellings) expect(printed).not.toContain(spelling);
    }
  });

  it('holds neither in sight in any of its modules', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    await send(app.get(DokStampHttpService));
    const printed = inspect(app.get(ModulesContainer), { depth: null, showHidden: true });
    expect(printed).toContain(server.url);
    for (const spelling of spellings) expect(printed).not.toContain(spelling);
  });

  it('holds the namespace of the environment without the secret in sight', async () => {
    environment();
    const imports = [ConfigModule.forFeature(dokStampConfig), DokStampModule.forRootAsync()];
    await using app = await boot({ imports });
    const config = app.get(ConfigService);
    expect(config.get('dokstamp.clientId')).toBe('client-env');
    for (const kept of [config, app.get<unknown>(dokStampConfig.KEY)]) {
      expect(inspect(kept, { depth: null, showHidden: true })).not.toContain(SECRET);
    }
  });
});
