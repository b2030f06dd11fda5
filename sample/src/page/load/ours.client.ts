import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DokStampHttpService } from 'nestjs-dokstamp';
import type { Totals } from '../frames/frame.interface.js';
import { type Client, PATH, reasonOf } from './client.interface.js';
import { Meter } from './meter.js';

/** The load that goes through nestjs-dokstamp; its channels tell what it does on the way. */
@Injectable()
export class OursClient implements Client, OnModuleInit, OnModuleDestroy {
  readonly meter = new Meter(reasonOf);
  /** Whether somebody watches: only then there is load. What the rest of the app does meanwhile is counted with it. */
  isWatched = false;
  readonly #counted: [channel: string, count: (message: unknown) => void][] = [
    [
      'dokstamp:request.replay',
      (message) => {
        const { outcome } = message as { outcome: string };
        if (outcome !== 'not_sent') this.#count('replayed');
      },
    ],
    [
      'dokstamp:token.wait',
      (message) => {
        const { outcome, durationMs } = message as { outcome: string; durationMs: number };
        // Behind a closed gate a call fails at once: it waits for nothing.
        if (outcome === 'served' || durationMs >= 1) this.#count('waited');
      },
    ],
    ['tracing:dokstamp:token.request:start', () => this.#count('tokenRequests')],
  ];

  constructor(private readonly dokstamp: DokStampHttpService) {}

  onModuleInit(): void {
    for (const [channel, count] of this.#counted) subscribe(channel, count);
  }

  onModuleDestroy(): void {
    for (const [channel, count] of this.#counted) unsubscribe(channel, count);
  }

  #count(what: keyof Totals): void {
    if (this.isWatched) this.meter.totals[what] += 1;
  }

  call(tenant: string, signal: AbortSignal): Promise<unknown> {
    return this.dokstamp.axiosRef.get(PATH, { headers: { 'X-Tenant': tenant }, signal });
  }
}
