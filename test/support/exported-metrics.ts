import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { DokStampHttpService, DokStampModule, TokenService } from '../../lib/index.js';
import { DokStampTelemetryModule } from '../../lib/opentelemetry/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { boot, optionsFor } from './app.js';

/** The text that Prometheus scrapes from the exporter. */
export async function scrape(exporter: PrometheusExporter): Promise<string> {
  const server = createServer((request, response) =>
    exporter.getMetricsRequestHandler(request, response),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  server.closeAllConnections();
  server.close();
  return text;
}

/** The names of all metrics in Prometheus, of an app in which each kind of event has happened. */
export async function exportedMetrics(): Promise<Set<string>> {
  await using sandbox = await DokStampSandbox.start();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [exporter] });
  await using app = await boot({
    imports: [
      DokStampTelemetryModule.forRoot({ meterProvider }),
      DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'lazy' }),
    ],
  });
  const { axiosRef } = app.get(DokStampHttpService);
  await axiosRef.get('/certificates');
  sandbox.revokeTokens();
  await axiosRef.get('/certificates');
  sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
  await app
    .get(TokenService)
    .renew()
    .catch(() => {});
  const text = await scrape(exporter);
  await meterProvider.shutdown();
  return new Set(text.match(/^dokstamp_\w+/gm));
}
