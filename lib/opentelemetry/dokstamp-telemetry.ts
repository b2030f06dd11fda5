import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { OnApplicationShutdown } from '@nestjs/common';
import { type Meter, type MeterProvider, type TracerProvider, trace } from '@opentelemetry/api';
import type {
  GateMessage,
  RequestReplayMessage,
  TokenRequestMessage,
  TokenWaitMessage,
} from '../diagnostics/messages.js';
import { USER_AGENT } from '../package-info.js';
import { attributesOf } from './attributes.js';
import { TokenGauges } from './token-gauges.js';
import { TokenRequestSpans } from './token-request-spans.js';

// The seconds that the semantic conventions advise for the durations of HTTP requests.
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What is told on which channel. */
interface Messages {
  readonly 'tracing:dokstamp:token.request:start': TokenRequestMessage;
  readonly 'tracing:dokstamp:token.request:asyncEnd': TokenRequestMessage;
  readonly 'dokstamp:token.wait': TokenWaitMessage;
  readonly 'dokstamp:request.replay': RequestReplayMessage;
  readonly 'dokstamp:gate': GateMessage;
}

/** Turns what the channels tell into metrics and spans, until the app shuts down. */
export class DokStampTelemetry implements OnApplicationShutdown {
  readonly #ends: (() => void)[] = [];

  constructor(meterProvider: MeterProvider, tracerProvider: TracerProvider) {
    const [name = '', version] = USER_AGENT.split('/');
    const meter = meterProvider.getMeter(name, version);
    const spans = new TokenRequestSpans(tracerProvider.getTracer(name, version));
    const gauges = new TokenGauges(meter);
    this.#tokenRequests(meter, spans);
    this.#tokenWaits(meter);
    this.#replays(meter);
    this.#listen('dokstamp:gate', (message) => gauges.told(message));
    this.#ends.push(() => gauges.stop());
  }

  /** Called by Nest. */
  onApplicationShutdown(): void {
    this.#ends.splice(0).forEach((end) => end());
  }

  #tokenRequests(meter: Meter, spans: TokenRequestSpans): void {
    const duration = meter.createHistogram('dokstamp.token.request.duration', {
      unit: 's',
      description: 'How long token requests took, successful or not.',
      advice: { explicitBucketBoundaries: BUCKETS },
    });
    this.#listen('tracing:dokstamp:token.request:start', (message) => {
      spans.begun(message);
    });
    this.#listen('tracing:dokstamp:token.request:asyncEnd', (message) => {
      spans.ended(message);
      duration.record((message.durationMs ?? 0) / 1_000, attributesOf(message));
    });
  }

  #tokenWaits(meter: Meter): void {
    const duration = meter.createHistogram('dokstamp.token.wait.duration', {
      unit: 's',
      description: 'How long callers that could not be served at once waited for a token.',
      advice: { explicitBucketBoundaries: BUCKETS },
    });
    this.#listen('dokstamp:token.wait', (message) => {
      duration.record(message.durationMs / 1_000, attributesOf(message));
    });
  }

  #replays(meter: Meter): void {
    const replays = meter.createCounter('dokstamp.request.replays', {
      unit: '{request}',
      description: 'Requests that were sent once more, after a 401.',
    });
    const refused = meter.createCounter('dokstamp.token.refused', {
      unit: '{request}',
      description:
        'Requests whose token was refused by a 401, whether they were sent once more or not.',
    });
    this.#listen('dokstamp:request.replay', (message) => {
      const { account, outcome } = message;
      refused.add(1, attributesOf({ account }));
      if (outcome === 'not_sent') return;
      replays.add(1, attributesOf(message));
      trace.getActiveSpan()?.addEvent('dokstamp.request.replay', attributesOf(message));
    });
  }

  #listen<Name extends keyof Messages>(
    channel: Name,
    told: (message: Messages[Name]) => void,
  ): void {
    const listener = (message: unknown) => told(message as Messages[Name]);
    subscribe(channel, listener);
    this.#ends.push(() => unsubscribe(channel, listener));
  }
}
