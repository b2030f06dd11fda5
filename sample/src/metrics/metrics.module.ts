import { type DynamicModule, Module } from '@nestjs/common';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { DokStampTelemetryModule } from 'nestjs-dokstamp/opentelemetry';
import { MetricsController } from './metrics.controller.js';

/** The metrics of the account, for Prometheus. An app that starts an OpenTelemetry SDK needs the telemetry module only. */
@Module({})
export class MetricsModule {
  static register(): DynamicModule {
    // It is served by the app, not on a port of its own.
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const meterProvider = new MeterProvider({ readers: [exporter] });
    return {
      module: MetricsModule,
      imports: [DokStampTelemetryModule.forRoot({ meterProvider })],
      controllers: [MetricsController],
      providers: [{ provide: PrometheusExporter, useValue: exporter }],
    };
  }
}
