import { Agent } from 'node:http';
import {
  type CanActivate,
  Controller,
  Get,
  type INestApplicationContext,
  Inject,
  Injectable,
  Module,
  type NestInterceptor,
  Param,
  type PipeTransform,
  type Provider,
  Scope,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { HttpModule, HttpService } from '@nestjs/axios';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import axios, { AxiosHeaders } from 'axios';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DokStampHttpService,
  DokStampModule,
  TokenService,
  dokStampConfig,
  getTokenServiceToken,
} from '../../lib/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { boot, optionsFor } from '../support/app.js';
import { accountAt, apiRequests } from '../support/requests.js';
import { stubDokStamp } from '../support/stub-server.js';

let sandbox: DokStampSandbox;

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await sandbox.stop();
});

const issues = async (app: INestApplicationContext) =>
  (await app.get(DokStampHttpService, { strict: false }).axiosRef.get('/certificates')).status;

function environment(): void {
  vi.stubEnv('DOKSTAMP_BASE_URL', sandbox.url);
  vi.stubEnv('DOKSTAMP_CLIENT_ID', sandbox.credentials.clientId);
  vi.stubEnv('DOKSTAMP_CLIENT_SECRET', sandbox.credentials.clientSecret);
  vi.stubEnv('DOKSTAMP_TENANT', sandbox.tenant);
}

describe('a guest in the host', () => {
  it.each([0, 1, 3])(
    'renews by the registry of a host that imports ScheduleModule %i times',
    async (times) => {
      const modules = Array.from({ length: times }, () => ScheduleModule.forRoot());
      const inject = [{ token: SchedulerRegistry, optional: true }];
      const asHost = {
        provide: 'registry',
        inject,
        useFactory: (registry?: SchedulerRegistry) => ({ registry }),
      };
      const imports = [...modules, DokStampModule.forRoot(optionsFor(sandbox))];
      await using app = await boot({ imports, providers: [asHost] });
      await app.get(TokenService).getToken();
      expect(app.get(TokenService).status.nextRenewalAt).toBeInstanceOf(Date);
      const { registry } = app.get<{ registry?: SchedulerRegistry }>('registry');
      expect(registry?.getTimeouts()).toEqual(times > 0 ? ['dokstamp:token-renewal'] : undefined);
    },
  );

  it('works beside ScheduleModule.forRootAsync', async () => {
    const schedule = ScheduleModule.forRootAsync({ useFactory: () => ({}) });
    await using app = await boot({
      imports: [schedule, DokStampModule.forRoot(optionsFor(sandbox))],
    });
    await app.get(TokenService).getToken();
    expect(app.get(SchedulerRegistry, { strict: false }).getTimeouts()).toEqual([
      'dokstamp:token-renewal',
    ]);
  });

  it('leaves the axios of a bare HttpModule and the global one without an interceptor', async () => {
    await using app = await boot({
      imports: [HttpModule, DokStampModule.forRoot(optionsFor(sandbox))],
    });
    await app.get(DokStampHttpService).axiosRef.get('/certificates');
    for (const { interceptors, defaults } of [
      app.get(HttpService).axiosRef,
      new HttpService().axiosRef,
    ]) {
      const handlers = [interceptors.request, interceptors.response] as unknown as {
        handlers: unknown[];
      }[];
      expect(handlers.map((manager) => manager.handlers)).toEqual([[], []]);
      expect(JSON.stringify(defaults)).not.toContain(sandbox.url);
    }
  });

  it.each([
    ['without ConfigModule.forRoot', []],
    ['with it', [ConfigModule.forRoot({ ignoreEnvFile: true })]],
    [
      'with it global and cached',
      [ConfigModule.forRoot({ ignoreEnvFile: true, isGlobal: true, cache: true })],
    ],
    [
      'with the namespace loaded',
      [ConfigModule.forRoot({ ignoreEnvFile: true, load: [dokStampConfig] })],
    ],
  ])('reads the environment %s', async (_, imports) => {
    environment();
    await using app = await boot({ imports: [...imports, DokStampModule.forRootAsync()] });
    expect(await issues(app)).toBe(200);
  });

  it('adds no instance, interceptor or timer for a request-scoped or transient consumer', async () => {
    const seen = new Set<DokStampHttpService>();
    const consumer = (scope: Scope): Provider => {
      @Injectable({ scope })
      class Consumer {
        constructor(@Inject(DokStampHttpService) http: DokStampHttpService) {
          seen.add(http);
        }
      }
      return { provide: `consumer-${scope}`, useClass: Consumer, scope };
    };
    const providers = [consumer(Scope.REQUEST), consumer(Scope.TRANSIENT)];
    const imports = [ScheduleModule.forRoot(), DokStampModule.forRoot(optionsFor(sandbox))];
    await using app = await boot({ imports, providers });
    await issues(app);
    for (let request = 0; request < 5; request++) {
      await app.resolve(`consumer-${Scope.REQUEST}`);
      await app.resolve(`consumer-${Scope.TRANSIENT}`);
    }
    expect(seen.size).toBe(1);
    expect(app.get(SchedulerRegistry, { strict: false }).getTimeouts()).toHaveLength(1);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('can be injected into guards, interceptors and pipes', async () => {
    const met: string[] = [];
    @Injectable()
    class Guard implements CanActivate {
      constructor(@Inject(TokenService) private readonly tokens: TokenService) {}
      canActivate(): boolean {
        met.push(`guard ${this.tokens.status.state}`);
        return true;
      }
    }
    @Injectable()
    class Interceptor implements NestInterceptor {
      constructor(@Inject(DokStampHttpService) private readonly http: DokStampHttpService) {}
      intercept(_: unknown, next: { handle(): never }): never {
        met.push(`interceptor ${typeof this.http.get}`);
        return next.handle();
      }
    }
    @Injectable()
    class Pipe implements PipeTransform {
      constructor(@Inject(TokenService) private readonly tokens: TokenService) {}
      async transform(value: string): Promise<string> {
        met.push(`pipe ${typeof (await this.tokens.getToken())}`);
        return value;
      }
    }
    @Controller()
    class HostController {
      @Get(':id')
      @UseGuards(Guard)
      @UseInterceptors(Interceptor)
      one(@Param('id', Pipe) id: string): string {
        return id;
      }
    }
    @Module({
      imports: [DokStampModule.forRoot(optionsFor(sandbox))],
      controllers: [HostController],
    })
    class HostModule {}
    const app = await NestFactory.create(HostModule, { logger: false });
    await app.listen(0);
    expect(await (await fetch(`${await app.getUrl()}/x`)).text()).toBe('x');
    expect(met).toEqual([expect.stringMatching(/^guard /), 'interceptor function', 'pipe string']);
    await app.close();
  });

  it.each(['reference', 'deep-hash'] as const)(
    'serves two accounts by the same factory when modules are told apart by %s',
    async (moduleIdGeneratorAlgorithm) => {
      await using second = await DokStampSandbox.start();
      const account = (name: string, at: DokStampSandbox) =>
        DokStampModule.forRootAsync({ name, useFactory: () => optionsFor(at) });
      @Module({ imports: [account('a', sandbox), account('b', second)] })
      class HostModule {}
      const app = await NestFactory.createApplicationContext(HostModule, {
        logger: false,
        moduleIdGeneratorAlgorithm,
      });
      for (const name of ['a', 'b'])
        await app.get(getTokenServiceToken(name), { strict: false }).getToken();
      await app.close();
      expect([sandbox.tokenRequests, second.tokenRequests]).toEqual([1, 1]);
    },
  );

  it('can be loaded lazily', async () => {
    @Module({ imports: [DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'lazy' })] })
    class LazyModule {}
    await using app = await boot({});
    const loaded = await app.get(LazyModuleLoader).load(() => LazyModule);
    expect(
      (await loaded.get(DokStampHttpService, { strict: false }).axiosRef.get('/certificates'))
        .status,
    ).toBe(200);
  });

  it('can be replaced as a module in a test', async () => {
    const real = DokStampModule.forRoot({ clientId: 'id', clientSecret: 'secret-1' });
    const double = { get: () => 'double' };
    @Module({
      providers: [{ provide: DokStampHttpService, useValue: double }],
      exports: [DokStampHttpService],
    })
    class DoubleModule {}
    const testing = await Test.createTestingModule({ imports: [real] })
      .overrideModule(real as never)
      .useModule(DoubleModule)
      .compile();
    expect(testing.get(DokStampHttpService)).toBe(double);
  });

  it('leaves no timer, listener or socket behind when the app is closed and created again ten times', async () => {
    const handles = () =>
      process.getActiveResourcesInfo().filter((name) => /Timeout|TCPSocket/.test(name)).length;
    const listeners = () =>
      process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
    const round = async () => {
      const app = await boot({
        imports: [ScheduleModule.forRoot(), DokStampModule.forRoot(optionsFor(sandbox))],
      });
      await issues(app);
      await app.close();
    };
    await round();
    const before = { handles: handles(), listeners: listeners() };
    for (let nth = 0; nth < 10; nth++) await round();
    expect(handles()).toBeLessThanOrEqual(before.handles);
    expect(listeners()).toBe(before.listeners);
  });
});

describe('what the app sets on the global axios', () => {
  const before = { ...axios.defaults };

  beforeEach(() => {
    vi.resetModules();
  });

  afterEach(() => {
    for (const key of Object.keys(axios.defaults))
      if (!(key in before)) Reflect.deleteProperty(axios.defaults, key);
    Object.assign(axios.defaults, before);
  });

  /** Whatever would show: in what is sent, or by a failure. */
  function setOnGlobalAxios(): void {
    Object.assign(axios.defaults, {
      auth: { username: 'others', password: 'others' },
      headers: { ...before.headers, common: { 'X-Others': '1' }, get: { 'X-Others': '1' } },
      params: { others: 1 },
      baseURL: 'http://127.0.0.1:1',
      adapter: () => Promise.reject(new Error('the adapter of others')),
      timeout: 1,
      timeoutErrorMessage: 'the time limit of others',
      proxy: { host: '127.0.0.1', port: 1 },
      responseType: 'arraybuffer',
      validateStatus: () => false,
      maxContentLength: 0,
      maxBodyLength: 0,
      socketPath: '/nowhere.sock',
      paramsSerializer: { serialize: () => 'others' },
    });
  }

  async function expectNoneOfIt(lib: typeof import('../../lib/index.js')): Promise<void> {
    await using server = await stubDokStamp();
    const options = { ...optionsFor(sandbox), baseURL: server.url, startup: 'lazy' as const };
    await using app = await boot({ imports: [lib.DokStampModule.forRoot(options)] });
    const { axiosRef } = app.get(lib.DokStampHttpService);
    expect((await axiosRef.post('/x', { a: 1 }, { params: { own: 1 } })).data).toEqual({
      data: [],
    });
    expect((await axiosRef.get('/y')).status).toBe(200);
    expect(server.seen.map(({ url }) => url)).toEqual(['/oauth/token', '/x?own=1', '/y']);
    for (const { headers } of server.seen) expect(headers).not.toHaveProperty('x-others');
    for (const { headers } of apiRequests(server))
      expect(headers.authorization).toBe('Bearer token_1');
  }

  it('before this package is loaded is none of ours', async () => {
    setOnGlobalAxios();
    await expectNoneOfIt(await import('../../lib/index.js'));
  });

  it('before this package is loaded is not for token requests, be it transforms', async () => {
    const others = vi.fn<() => never>();
    Object.assign(axios.defaults, { transformRequest: [others], transformResponse: [others] });
    const lib = await import('../../lib/index.js');
    await using app = await boot({ imports: [lib.DokStampModule.forRoot(optionsFor(sandbox))] });
    expect(await app.get(lib.TokenService).getToken()).toEqual(expect.any(String));
    expect(others).not.toHaveBeenCalled();
  });

  it('after this package is loaded is none of ours', async () => {
    const lib = await import('../../lib/index.js');
    setOnGlobalAxios();
    await expectNoneOfIt(lib);
  });

  it('stays as it is', async () => {
    setOnGlobalAxios();
    const set = { ...axios.defaults, headers: structuredClone(axios.defaults.headers) };
    await using server = await stubDokStamp();
    await using account = await accountAt(server);
    await account.http.axiosRef.get('/x');
    expect(axios.defaults).toEqual(set);
  });
});

describe('one object of axios defaults for two accounts', () => {
  const shared = () => ({
    headers: { common: { 'X-App': '1' }, get: new AxiosHeaders({ 'X-Get': '1' }), 'X-All': '1' },
    params: { where: { status: 'issued' } },
    transitional: { silentJSONParsing: true },
    transformResponse: [(data: unknown) => data],
    httpAgent: new Agent({ keepAlive: true, maxSockets: 7 }),
  });

  it('is shared by neither with the other, nor with the app', async () => {
    await using server = await stubDokStamp();
    const http = shared();
    const asGiven = shared();
    await using one = await accountAt(server, { http });
    await using two = await accountAt(server, { http });
    const { defaults } = one.http.axiosRef;
    Object.assign(defaults.headers.common, { 'X-One': '1' });
    Object.assign(defaults.headers.get, { 'X-One': '1' });
    Object.assign((defaults.params as typeof http.params).where, { one: 1 });
    Object.assign(defaults.transitional ?? {}, { silentJSONParsing: false });
    (defaults.transformResponse as unknown[]).push(() => 'one');
    await two.http.axiosRef.get('/x');
    const [sent] = apiRequests(server);
    expect(sent?.headers).toMatchObject({ 'x-app': '1', 'x-get': '1', 'x-all': '1' });
    expect(sent?.headers).not.toHaveProperty('x-one');
    expect(decodeURIComponent(sent?.url ?? '')).toBe('/x?where[status]=issued');
    expect(two.http.axiosRef.defaults.transitional).toMatchObject({ silentJSONParsing: true });
    expect(two.http.axiosRef.defaults.transformResponse).toHaveLength(1);
    for (const key of ['headers', 'params', 'transitional'] as const)
      expect(http[key]).toEqual(asGiven[key]);
    expect(http.transformResponse).toHaveLength(1);
    http.httpAgent.destroy();
  });

  it('gives both its agent, through which all requests go', async () => {
    await using server = await stubDokStamp();
    const http = shared();
    const { httpAgent } = http;
    const created = vi.spyOn(httpAgent, 'createConnection');
    await using one = await accountAt(server, { http });
    await using two = await accountAt(server, { http });
    for (const { axiosRef } of [one.http, two.http]) await axiosRef.get('/x');
    expect(http.httpAgent).toBe(httpAgent);
    expect(created).toHaveBeenCalled();
    expect(Object.keys(httpAgent.freeSockets)).toHaveLength(1);
    httpAgent.destroy();
  });

  it('may be frozen', async () => {
    await using server = await stubDokStamp();
    const http = Object.freeze({ headers: Object.freeze({ common: Object.freeze({ a: '1' }) }) });
    await using account = await accountAt(server, { http });
    await account.http.axiosRef.get('/x');
    expect(apiRequests(server)[0]?.headers).toMatchObject({ a: '1' });
  });
});
