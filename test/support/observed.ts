import type { INestApplicationContext } from '@nestjs/common';
import type { Attributes, MeterProvider as MeterProviderApi } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import {
  type DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  type TokenService,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../lib/index.js';
import { DokStampTelemetryModule } from '../../lib/opentelemetry/index.js';
import { boot } from './app.js';

/** One series of an instrument. */
interface Point {
  readonly attributes: Attributes;
  readonly value: number | { readonly count: number; readonly sum: number };
}

/** Every instrument, by its name. */
type Metrics = Record<
  string,
  { readonly unit: string; readonly points: readonly Point[] } | undefined
>;

/** Exports nothing, so it needs no timer. */
class ReaderOnDemand extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}

/** A meter provider whose metrics are read on demand. */
export interface Meters extends AsyncDisposable {
  readonly meterProvider: MeterProviderApi;
  readonly read: () => Promise<Metrics>;
}

export function metersInMemory(): Meters {
  const reader = new ReaderOnDemand();
  const meterProvider = new MeterProvider({ readers: [reader] });
  return {
    meterProvider,
    async read() {
      const { resourceMetrics } = await reader.collect();
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return Object.fromEntries(
        metrics.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          { unit: descriptor.unit, points: dataPoints as readonly Point[] },
        ]),
      );
    },
    [Symbol.asyncDispose]: () => meterProvider.shutdown(),
  };
}

/** A tracer provider, and the spans that have ended. */
export interface Spans {
  readonly tracerProvider: BasicTracerProvider;
  readonly spans: () => ReadableSpan[];
}

export function spansInMemory(): Spans {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  return { tracerProvider, spans: () => exporter.getFinishedSpans() };
}

/** An app with telemetry, and one account whose first token is requested at its first use. */
export interface ObservedApp extends AsyncDisposable {
  readonly app: INestApplicationContext;
  readonly tokens: TokenService;
  readonly http: DokStampHttpService;
  readonly meterProvider: MeterProviderApi;
  readonly tracerProvider: BasicTracerProvider;
  readonly spans: () => ReadableSpan[];
  readonly metrics: () => Promise<Metrics>;
  /** The gauges of the first account. */
  readonly gauges: () => Promise<{ timeToExpiry: unknown; blocked: unknown }>;
  /** Runs `work` in a span `the call`, and returns that span. */
  readonly inSpan: (work: () => Promise<unknown>) => Promise<ReadableSpan | undefined>;
}

export async function observe(
  { name, ...options }: DokStampOptions & { readonly name?: string },
  isTelemetryFirst = true,
): Promise<ObservedApp> {
  const meters = metersInMemory();
  const { meterProvider } = meters;
  const { tracerProvider, spans } = spansInMemory();
  const imports = [
    DokStampTelemetryModule.forRoot({ meterProvider, tracerProvider }),
    DokStampModule.forRoot({ startup: 'lazy', ...options, ...(name && { name }) }),
  ];
  const app = await boot({ imports: isTelemetryFirst ? imports : imports.toReversed() });
  return {
    app,
    tokens: app.get<TokenService>(getTokenServiceToken(name)),
    http: app.get<DokStampHttpService>(getDokStampHttpToken(name)),
    meterProvider,
    tracerProvider,
    spans,
    metrics: meters.read,
    async gauges() {
      const metrics = await meters.read();
      const valueOf = (gauge: string) => metrics[`dokstamp.token.${gauge}`]?.points[0]?.value;
      return { timeToExpiry: valueOf('time_to_expiry'), blocked: valueOf('blocked') };
    },
    async inSpan(work) {
      const tracer = tracerProvider.getTracer('of-the-app');
      await tracer.startActiveSpan('the call', async (span) => {
        await work();
        span.end();
      });
      return spans().find((span) => span.name === 'the call');
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await meters[Symbol.asyncDispose]();
    },
  };
}
