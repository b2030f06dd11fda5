import type { OnApplicationShutdown } from '@nestjs/common';
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { End } from './listening.js';
import { noteReplays } from './replay-events.js';
import { SharedListener } from './shared-listener.js';
import { measure } from './token-metrics.js';
import { traceTokenRequests } from './token-request-spans.js';

const metrics = new SharedListener<MeterProvider>('metrics', measure);
const spans = new SharedListener<TracerProvider>('spans', traceTokenRequests);
// The caller's span is of no provider that is known here: one listener for the process.
const events = new SharedListener<typeof globalThis>('events', noteReplays);

/** Turns what the channels tell into metrics and spans, until the app shuts down. */
export class DokStampTelemetry implements OnApplicationShutdown {
  readonly #ends: End[];

  constructor(meterProvider: MeterProvider, tracerProvider: TracerProvider) {
    this.#ends = [metrics.join(meterProvider), spans.join(tracerProvider), events.join(globalThis)];
  }

  /** Called by Nest. */
  onApplicationShutdown(): void {
    this.#ends.splice(0).forEach((end) => end());
  }
}
