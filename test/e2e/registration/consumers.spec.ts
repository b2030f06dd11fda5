import {
  type CallHandler,
  type CanActivate,
  Controller,
  Get,
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
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import type { Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DokStampHttpService, DokStampModule, TokenService } from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import {
  TIMER,
  account,
  interceptorsOf,
  send,
  server,
  setUp,
  tearDown,
  tokenRequests,
} from '../../support/registration.js';

beforeEach(setUp);
afterEach(tearDown);

describe('a consumer that is created for each request', () => {
  it.each([
    ['request-scoped', Scope.REQUEST],
    ['transient', Scope.TRANSIENT],
  ])('adds no instance, interceptor or timer if it is %s', async (_, scope) => {
    @Injectable()
    class Consumer {
      constructor(
        @Inject(DokStampHttpService) readonly http: DokStampHttpService,
        @Inject(TokenService) readonly tokens: TokenService,
      ) {}
    }
    const provider: Provider = { provide: Consumer, useClass: Consumer, scope };
    const registration = DokStampModule.forRoot(account({ startup: 'required' }));
    const imports = [ScheduleModule.forRoot(), registration];
    await using app = await boot({ imports, providers: [provider] });
    const http = app.get(DokStampHttpService);
    const tokens = app.get(TokenService);
    const registry = app.get(SchedulerRegistry);
    const interceptors = interceptorsOf(http.axiosRef);
    const timer: unknown = registry.getTimeout(TIMER);
    const consumers = new Set<Consumer>();
    for (let request = 0; request < 5; request++) {
      const consumer = await app.resolve(Consumer);
      await send(consumer.http);
      consumers.add(consumer);
    }
    expect(consumers.size).toBe(5);
    for (const consumer of consumers) {
      expect(consumer.http).toBe(http);
      expect(consumer.tokens).toBe(tokens);
    }
    expect(interceptorsOf(http.axiosRef)).toEqual(interceptors);
    expect(registry.getTimeouts()).toEqual([TIMER]);
    expect(registry.getTimeout(TIMER)).toBe(timer);
    expect(tokenRequests()).toBe(1);
  });
});

describe('the services of an account', () => {
  it('can be injected into guards, interceptors and pipes', async () => {
    const calls: string[] = [];
    @Injectable()
    class Guard implements CanActivate {
      constructor(@Inject(TokenService) private readonly tokens: TokenService) {}
      canActivate(): boolean {
        calls.push(`guard ${this.tokens.status.state}`);
        return true;
      }
    }
    @Injectable()
    class Interceptor implements NestInterceptor {
      constructor(@Inject(DokStampHttpService) private readonly http: DokStampHttpService) {}
      intercept(_: unknown, next: CallHandler): Observable<unknown> {
        calls.push(`interceptor ${typeof this.http.get}`);
        return next.handle();
      }
    }
    @Injectable()
    class Pipe implements PipeTransform {
      constructor(@Inject(TokenService) private readonly tokens: TokenService) {}
      async transform(value: string): Promise<string> {
        calls.push(`pipe ${await this.tokens.getToken()}`);
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
    @Module({ imports: [DokStampModule.forRoot(account())], controllers: [HostController] })
    class HostModule {}
    const app = await NestFactory.create(HostModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    expect(await (await fetch(`${await app.getUrl()}/x`)).text()).toBe('x');
    expect(calls).toEqual(['guard absent', 'interceptor function', 'pipe client-1/1']);
    await app.close();
  });

  it('can be loaded lazily', async () => {
    @Module({ imports: [DokStampModule.forRoot(account())] })
    class LazyModule {}
    await using app = await boot({});
    const loaded = await app.get(LazyModuleLoader).load(() => LazyModule);
    const http = loaded.get(DokStampHttpService, { strict: false });
    expect((await send(http)).status).toBe(200);
    expect(server.seen).toHaveLength(2);
  });
});
