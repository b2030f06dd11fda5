import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampModule, getTokenServiceToken } from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { elapse, freezeTime, idle } from '../../support/time.js';
import { type TokenHarness, tokenHarness } from '../../support/token-harness.js';

const NAME = 'dokstamp:token-renewal';
const LONGEST_DELAY = 2 ** 31 - 1;

let dokStamp: MemoryDokStamp;

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
});

const inMs = (ms: number) => new Date(Date.now() + ms);

/** An account whose first token is due for renewal so many ms after now. */
async function accountWithRenewalIn(dueMs: number): Promise<TokenHarness> {
  // The lead is 60 s, but at most 20 % of the lifetime.
  dokStamp.expiresIn = Math.min((dueMs + 60_000) / 1_000, dueMs / 800);
  const harness = await tokenHarness(dokStamp.options);
  await harness.tokens.getToken();
  return harness;
}

describe('a planned renewal', () => {
  it('is a timeout of the SchedulerRegistry, and the status has its time', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    expect(harness.registry.getTimeouts()).toEqual([]);
    expect(harness.tokens.status.nextRenewalAt).toBeUndefined();
    dokStamp.expiresIn = 100;
    await harness.tokens.getToken();
    expect(harness.registry.getTimeouts()).toEqual([NAME]);
    expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(80_000));
  });

  it('is not listed any more when it starts, and the next one has the same name', async () => {
    await using harness = await accountWithRenewalIn(80_000);
    dokStamp.holds = true;
    await elapse(80_000);
    expect(dokStamp.tokenRequests).toBe(2);
    expect(harness.registry.getTimeouts()).toEqual([]);
    expect(harness.tokens.status.nextRenewalAt).toBeUndefined();
    dokStamp.release();
    await idle();
    expect(harness.registry.getTimeouts()).toEqual([NAME]);
    expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(80_000));
  });

  it('is replaced when renew() obtains a token', async () => {
    await using harness = await accountWithRenewalIn(80_000);
    await elapse(50_000);
    await harness.tokens.renew();
    expect(harness.registry.getTimeouts()).toEqual([NAME]);
    expect(vi.getTimerCount()).toBe(1);
    await elapse(79_999);
    expect(dokStamp.tokenRequests).toBe(2);
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(3);
  });

  it('has a name of its own for each account', async () => {
    const { options } = dokStamp;
    await using app = await boot({
      imports: [
        ScheduleModule.forRoot(),
        DokStampModule.forRoot({ ...options, startup: 'lazy' }),
        DokStampModule.forRoot({ ...options, startup: 'lazy', name: 'eu' }),
      ],
    });
    const registry = app.get(SchedulerRegistry, { strict: false });
    const [tokens, ofEu] = [getTokenServiceToken(), getTokenServiceToken('eu')].map((token) =>
      app.get(token),
    );
    await tokens?.getToken();
    await ofEu?.getToken();
    expect(registry.getTimeouts()).toEqual([NAME, 'dokstamp:eu:token-renewal']);
    tokens?.onModuleDestroy();
    expect(registry.getTimeouts()).toEqual(['dokstamp:eu:token-renewal']);
    await elapse(43_140_000);
    expect(dokStamp.tokenRequests).toBe(3);
  });

  it('happens in an app without ScheduleModule too', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(dokStamp.options)] });
    await app.get(getTokenServiceToken()).getToken();
    await elapse(43_140_000);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('does not keep the process alive', async () => {
    vi.useRealTimers();
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    expect(harness.registry.getTimeout(NAME).hasRef()).toBe(false);
  });

  it('that was replaced leaves nothing behind in Node.js', async () => {
    vi.useRealTimers();
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    // Node.js has a list for each delay.
    const list = new WeakRef<object>(Reflect.get(harness.registry.getTimeout(NAME), '_idlePrev'));
    dokStamp.expiresIn = 40_000;
    await harness.tokens.renew();
    setFlagsFromString('--expose-gc');
    // In a turn of its own, as a WeakRef keeps its target until the end of the turn.
    await new Promise((resolve) => setImmediate(resolve));
    runInNewContext('gc')();
    expect(list.deref()).toBeUndefined();
  });
});

describe('a planned renewal in more than 2^31-1 ms', () => {
  it.each([LONGEST_DELAY, LONGEST_DELAY + 1, 2 ** 32, 2 ** 33 + 5])(
    'starts after %d ms, and not before',
    async (due) => {
      await using harness = await accountWithRenewalIn(due);
      await elapse(due - 1);
      expect(dokStamp.tokenRequests).toBe(1);
      await elapse(1);
      expect(dokStamp.tokenRequests).toBe(2);
      expect(harness.events[1]).toMatchObject({ reason: 'scheduled' });
    },
  );

  it('is one timer that is listed at any time, and never keeps the process alive', async () => {
    await using harness = await accountWithRenewalIn(2 * LONGEST_DELAY + 5_000);
    const { nextRenewalAt } = harness.tokens.status;
    for (const part of [LONGEST_DELAY, LONGEST_DELAY, 4_999]) {
      expect(harness.registry.getTimeouts()).toEqual([NAME]);
      expect(harness.registry.getTimeout(NAME).hasRef()).toBe(false);
      expect(harness.tokens.status.nextRenewalAt).toEqual(nextRenewalAt);
      expect(vi.getTimerCount()).toBe(1);
      await elapse(part);
      expect(dokStamp.tokenRequests).toBe(1);
    }
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('can be deleted by the host when a part of the delay is over', async () => {
    await using harness = await accountWithRenewalIn(LONGEST_DELAY + 1_000);
    await elapse(LONGEST_DELAY);
    harness.registry.deleteTimeout(NAME);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with onModuleDestroy also when a part of the delay is over', async () => {
    await using harness = await accountWithRenewalIn(LONGEST_DELAY + 1_000);
    await elapse(LONGEST_DELAY);
    harness.tokens.onModuleDestroy();
    expect(harness.registry.getTimeouts()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the host', () => {
  it('keeps a timeout of its own under the same name, and the renewal runs unlisted', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    const own = setTimeout(() => {}, 1e9);
    harness.registry.addTimeout(NAME, own);
    dokStamp.expiresIn = 100;
    await harness.tokens.getToken();
    await harness.tokens.renew();
    expect(harness.registry.getTimeout(NAME)).toBe(own);
    expect(harness.tokens.status.nextRenewalAt).toEqual(inMs(80_000));
    await elapse(79_999);
    expect(dokStamp.tokenRequests).toBe(2);
    await elapse(1);
    expect(dokStamp.tokenRequests).toBe(3);
    harness.tokens.onModuleDestroy();
    expect(harness.registry.getTimeout(NAME)).toBe(own);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('can delete the timeout: the token is not renewed until a caller needs the next one', async () => {
    await using harness = await accountWithRenewalIn(80_000);
    harness.registry.deleteTimeout(NAME);
    await elapse(95_000);
    expect(dokStamp.tokenRequests).toBe(1);
    expect(await harness.tokens.getToken()).toBe('token_2');
    expect(harness.registry.getTimeouts()).toEqual([NAME]);
    await elapse(80_000);
    expect(dokStamp.tokenRequests).toBe(3);
  });

  it('can put a timeout of its own in place of the deleted one, and keeps it', async () => {
    await using harness = await accountWithRenewalIn(80_000);
    harness.registry.deleteTimeout(NAME);
    const own = setTimeout(() => {}, 1e9);
    harness.registry.addTimeout(NAME, own);
    await harness.tokens.renew();
    expect(harness.registry.getTimeout(NAME)).toBe(own);
    harness.tokens.onModuleDestroy();
    expect(harness.registry.getTimeout(NAME)).toBe(own);
  });

  it('can empty the registry before onModuleDestroy', async () => {
    await using harness = await accountWithRenewalIn(80_000);
    for (const name of harness.registry.getTimeouts()) harness.registry.deleteTimeout(name);
    expect(() => harness.tokens.onModuleDestroy()).not.toThrow();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('if timers are numbers, as in jsdom', () => {
  /** Replaces the timers by such ones until it is disposed of. */
  function timersOfBrowser(): Disposable {
    const { setTimeout: start, clearTimeout: stop } = globalThis;
    const handles: NodeJS.Timeout[] = [];
    vi.stubGlobal('setTimeout', (run: () => void, ms: number) => handles.push(start(run, ms)));
    vi.stubGlobal('clearTimeout', (handle?: unknown) => {
      if (typeof handle === 'number') stop(handles[handle - 1]);
    });
    return { [Symbol.dispose]: () => vi.unstubAllGlobals() };
  }

  it.each([80_000, LONGEST_DELAY + 1_000])(
    'a renewal in %d ms is listed, and happens when it is due',
    async (due) => {
      using _ = timersOfBrowser();
      await using harness = await accountWithRenewalIn(due);
      await elapse(due - 1);
      expect(harness.registry.getTimeout(NAME)).toBeTypeOf('number');
      expect(dokStamp.tokenRequests).toBe(1);
      await elapse(1);
      expect(dokStamp.tokenRequests).toBe(2);
      expect(harness.registry.getTimeouts()).toEqual([NAME]);
    },
  );

  it('a renewal can be replaced and cancelled', async () => {
    using _ = timersOfBrowser();
    await using harness = await accountWithRenewalIn(80_000);
    await harness.tokens.renew();
    expect(vi.getTimerCount()).toBe(1);
    harness.tokens.onModuleDestroy();
    expect(vi.getTimerCount()).toBe(0);
    expect(harness.registry.getTimeouts()).toEqual([]);
  });
});
