import { inspect } from 'node:util';
import { HttpModule, HttpService } from '@nestjs/axios';
import { type DynamicModule, Inject, Injectable, Scope } from '@nestjs/common';
import { Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampHttpService, DokStampModule, TokenService } from '../../lib/index.js';
import { boot } from '../support/app.js';
import {
  EU_TIMER,
  TIMER,
  account,
  europe,
  interceptorsOf,
  send,
  server,
  setUp,
  tearDown,
  tokenRequests,
} from '../support/registration.js';
import { apiRequests } from '../support/requests.js';

beforeEach(setUp);
afterEach(tearDown);

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
