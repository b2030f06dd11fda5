import { setImmediate } from 'node:timers/promises';
import { SchedulerRegistry } from '@nestjs/schedule';
import { vi } from 'vitest';
import type { DokStampOptions, TokenEvent, TokenService } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/options.resolver.js';
import { createTokenService } from '../../lib/token/token-service.factory.js';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';

/** What tests see of one token service. */
export interface TokenHarness extends Disposable {
  readonly tokens: TokenService;
  readonly events: TokenEvent[];
  readonly registry: SchedulerRegistry;
}

/** A token service without an app around it; lazy unless told otherwise. */
export async function tokenHarness(options: DokStampOptions): Promise<TokenHarness> {
  const registry = new SchedulerRegistry();
  const resolved = resolveOptions({ startup: 'lazy', ...options });
  const tokens = createTokenService({ options: resolved, registry });
  const events: TokenEvent[] = [];
  tokens.events$.subscribe((event) => events.push(event));
  await tokens.onModuleInit();
  const close = () => {
    tokens.onModuleDestroy();
    tokens.onApplicationShutdown();
  };
  return { tokens, events, registry, [Symbol.dispose]: close };
}

/** Fakes time, but not the event loop, so that real sockets go on. Chance stands at 0: no jitter. (Only ours: Nest makes its ids by Math.random.) */
export function stopTime(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
    now: Date.parse('2026-01-01T00:00:00Z'),
  });
  vi.spyOn(SYSTEM_CLOCK, 'random').mockReturnValue(0);
}

/** Lets real I/O go on, while time stands, until the condition holds. */
export async function until(condition: () => boolean, turns = 20_000): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn === turns) throw new Error('The condition did not come to hold.');
    await setImmediate();
  }
}

/** Moves time on in steps, and lets I/O go on between them. */
export async function pass(ms: number, step = ms): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    await vi.advanceTimersByTimeAsync(Math.min(step, left));
    for (let turn = 0; turn < 30; turn++) await setImmediate();
  }
}

/** Waits for a call; timers that are due now fire meanwhile, but time does not move. */
export async function letGoOn<T>(call: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const end = () => settled.abort();
  call.then(end, end);
  while (!settled.signal.aborted) {
    await vi.advanceTimersByTimeAsync(0);
    await setImmediate();
  }
  return call;
}
