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
