import { type DynamicModule, Module } from '@nestjs/common';
import { type MeterProvider, type TracerProvider, metrics, trace } from '@opentelemetry/api';
import { DokStampTelemetry } from './dokstamp-telemetry.js';

export interface DokStampTelemetryOptions {
  /** @default the global one, as it is when the app is made */
  readonly meterProvider?: MeterProvider | undefined;
  /** @default the global one */
  readonly tracerProvider?: TracerProvider | undefined;
}

/**
 * Metrics and traces of all accounts of the process, also those of other apps in it, by `@opentelemetry/api` alone: what
 * the channels of `node:diagnostics_channel` tell. Start the SDK before the app is made. It ends with the app. Where it is
 * registered several times, each thing is still told once to a meter provider and once to a tracer provider.
 *
 * Histograms `dokstamp.token.request.duration` and `dokstamp.token.wait.duration` (s), counters
 * `dokstamp.request.replays` and `dokstamp.token.refused`, gauges `dokstamp.token.time_to_expiry` (s) and
 * `dokstamp.token.blocked` (0 or 1). Attributes: `dokstamp.account` (`default` for the account without a name),
 * `error.type` (the error's code; `_OTHER` where a caller left, or a replay got no answer) and
 * `http.response.status_code`. Each token request is a client span of a trace of its own; a replay is an event on the
 * caller's span.
 *
 * @example
 * ```ts
 * // in the root module
 * imports: [DokStampModule.forRootAsync({ isGlobal: true }), DokStampTelemetryModule.forRoot()]
 * ```
 */
@Module({})
export class DokStampTelemetryModule {
  static forRoot(options: DokStampTelemetryOptions = {}): DynamicModule {
    return {
      module: DokStampTelemetryModule,
      providers: [
        {
          provide: DokStampTelemetry,
          // Asked for here and not above, where a decorator calls: the app may start the SDK after that.
          useFactory: () => {
            const { meterProvider = metrics.getMeterProvider() } = options;
            const { tracerProvider = trace.getTracerProvider() } = options;
            return new DokStampTelemetry(meterProvider, tracerProvider);
          },
        },
      ],
    };
  }
}
