import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampModule, TokenService } from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import {
  EU_TIMER,
  TIMER,
  account,
  europe,
  setUp,
  tearDown,
  tokenRequests,
} from '../../support/registration.js';

beforeEach(setUp);
afterEach(tearDown);

const schedules = (times: number) => Array.from({ length: times }, () => ScheduleModule.forRoot());

const accounts = () => [
  DokStampModule.forRoot(account({ startup: 'required' })),
  DokStampModule.forRoot(europe({ startup: 'required' })),
];

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

  it.each([
    { times: 0, expected: 0 },
    { times: 1, expected: 10 },
    { times: 3, expected: undefined },
  ])(
    'runs its jobs as often as without this module, if the host imports ScheduleModule $times times',
    async ({ times, expected }) => {
      const alone = await ticksOf(schedules(times));
      if (expected !== undefined) expect(alone).toBe(expected);
      expect(await ticksOf([...accounts(), ...schedules(times)])).toBe(alone);
      expect(await ticksOf([...schedules(times), ...accounts()])).toBe(alone);
      expect(tokenRequests()).toBe(4);
    },
  );
});

describe('the renewals of two accounts', () => {
  it.each<[string, DynamicModule[]]>([
    ['ScheduleModule.forRoot()', schedules(1)],
    ['ScheduleModule.forRoot() three times', schedules(3)],
    ['ScheduleModule.forRootAsync()', [ScheduleModule.forRootAsync({ useFactory: () => ({}) })]],
  ])('are listed in the registry of a host that imports %s', async (_, imports) => {
    await using app = await boot({ imports: [...accounts(), ...imports] });
    const registries = app.get(SchedulerRegistry, { strict: false, each: true });
    const listed = registries.flatMap((registry) => registry.getTimeouts());
    expect(listed.toSorted()).toEqual([EU_TIMER, TIMER]);
  });

  it('are planned without a registry too', async () => {
    await using app = await boot({ imports: accounts() });
    expect(() => app.get(SchedulerRegistry)).toThrow();
    expect(app.get(TokenService).status.nextRenewalAt).toBeInstanceOf(Date);
  });

  it('leave the registry when the app closes', async () => {
    // ScheduleModule empties its registry itself.
    @Module({ providers: [SchedulerRegistry], exports: [SchedulerRegistry] })
    @Global()
    class RegistryModule {}
    const app = await boot({ imports: [RegistryModule, ...accounts()] });
    const registry = app.get(SchedulerRegistry, { strict: false });
    expect(registry.getTimeouts().toSorted()).toEqual([EU_TIMER, TIMER]);
    await app.close();
    expect(registry.getTimeouts()).toEqual([]);
  });
});
