import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DokStampConnection } from '../../dokstamp/dokstamp-connection.js';
import { CALL_EVERY_MS } from '../pace.js';
import type { Client } from './client.interface.js';
import { OursClient } from './ours.client.js';
import { SnippetClient } from './snippet.client.js';

/** The same load on both clients, while somebody watches. */
@Injectable()
export class Load implements OnModuleDestroy {
  #callers = 8;
  #watchers = 0;
  #isClosed = false;
  #present = new AbortController();

  constructor(
    private readonly connection: DokStampConnection,
    private readonly ours: OursClient,
    private readonly snippet: SnippetClient,
  ) {}

  get callers(): number {
    return this.#callers;
  }

  setCallers(callers: number): void {
    this.#callers = callers;
    this.#restart();
  }

  watch(): void {
    this.#watchers += 1;
    if (this.#watchers === 1) this.#restart();
  }

  unwatch(): void {
    this.#watchers -= 1;
    if (this.#watchers === 0) this.#restart();
  }

  /** Calls that name a tenant which is not the account's, beside the others and uncounted. @returns how many */
  async strayCalls(tenant: string, signal: AbortSignal): Promise<number> {
    let calls = 0;
    const stray = async (client: Client) => {
      while (!signal.aborted) {
        await client.call(tenant, signal).catch(() => {});
        calls += 1;
        await pause(CALL_EVERY_MS, signal);
      }
    };
    await Promise.all([stray(this.ours), stray(this.snippet)]);
    return calls;
  }

  onModuleDestroy(): void {
    this.#isClosed = true;
    this.#present.abort();
  }

  #restart(): void {
    this.#present.abort();
    this.ours.isWatched = this.#watchers > 0;
    if (this.#watchers === 0 || this.#isClosed) return;
    const { signal } = (this.#present = new AbortController());
    // Each call under way listens to it.
    setMaxListeners(0, signal);
    for (let nth = 0; nth < this.#callers; nth += 1) {
      void this.#caller(this.ours, signal);
      void this.#caller(this.snippet, signal);
    }
  }

  async #caller(client: Client, signal: AbortSignal): Promise<void> {
    const { tenant } = this.connection.sandbox!;
    await pause(Math.random() * CALL_EVERY_MS, signal);
    while (!signal.aborted) {
      const startedAt = performance.now();
      await client.meter.measure(() => client.call(tenant, signal), signal);
      await pause(CALL_EVERY_MS - (performance.now() - startedAt), signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal, ref: false }).catch(() => {});
}
