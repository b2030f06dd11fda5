import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DokStampHttpService } from 'nestjs-dokstamp';
import { type Client, PATH, reasonOf } from './client.interface.js';
import { Meter } from './meter.js';

/** The load that goes through nestjs-dokstamp; its channels tell what it does on the way. */
@Injectable()
export class OursClient implements Client, OnModuleInit, OnModuleDestroy {
  readonly meter = new Meter(reasonOf);
  readonly #counted: [channel: string, count: (message: unknown) => void][] = [
    [
      'dokstamp:request.replay',
      (message) => {
        const { outcome } = message as { outcome: string };
        if (outcome !== 'not_sent') this.meter.totals.replayed += 1;
      },
    ],
    ['dokstamp:token.wait', () => (this.meter.totals.waited += 1)],
    ['tracing:dokstamp:token.request:start', () => (this.meter.totals.tokenRequests += 1)],
  ];

  constructor(private readonly dokstamp: DokStampHttpService) {}

  onModuleInit(): void {
    for (const [channel, count] of this.#counted) subscribe(channel, count);
  }

  onModuleDestroy(): void {
    for (const [channel, count] of this.#counted) unsubscribe(channel, count);
  }

  call(tenant: string, signal: AbortSignal): Promise<unknown> {
    return this.dokstamp.axiosRef.get(PATH, { headers: { 'X-Tenant': tenant }, signal });
  }
}
