import { Module } from '@nestjs/common';
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampModule, TokenService } from '../../../lib/index.js';
import { DokStampTelemetryModule } from '../../../lib/opentelemetry/index.js';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { boot, optionsFor } from '../../support/app.js';
import { scrape } from '../../support/exported-metrics.js';
import {
  type ObservedApp,
  metersInMemory,
  observe,
  spansInMemory,
} from '../../support/observed.js';

let sandbox: DokStampSandbox;

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(() => sandbox.stop());

/** How many token requests the histogram has counted. */
async function requestsCounted(it: ObservedApp): Promise<number> {
  const { points = [] } = (await it.metrics())['dokstamp.token.request.duration'] ?? {};
  return points.reduce((sum, { value }) => sum + (value as { count: number }).count, 0);
}

describe('DokStampTelemetryModule registered more than once', () => {
  it('reports everything once in one app', async () => {
    await using it = await observe(optionsFor(sandbox));
    const { meterProvider, tracerProvider } = it;
    @Module({ imports: [DokStampTelemetryModule.forRoot({ meterProvider, tracerProvider })] })
    class FeatureModule {}
    await using again = await boot({
      imports: [FeatureModule, DokStampTelemetryModule.forRoot({ meterProvider })],
    });
    expect(again).toBeDefined();
    await it.tokens.getToken();
    expect(await requestsCounted(it)).toBe(1);
    expect(it.spans()).toHaveLength(1);
    sandbox.revokeTokens();
    const call = await it.inSpan(() => it.http.axiosRef.get('/certificates'));
    expect(call?.events).toHaveLength(1);
  });

  it('reports everything once with two apps in one process, until both are closed', async () => {
    await using it = await observe(optionsFor(sandbox));
    const { meterProvider, tracerProvider } = it;
    const options = { ...optionsFor(sandbox), startup: 'lazy' } as const;
    const other = await boot({
      imports: [
        DokStampTelemetryModule.forRoot({ meterProvider, tracerProvider }),
        DokStampModule.forRoot(options),
      ],
    });
    await it.tokens.getToken();
    await other.get(TokenService).getToken();
    expect(await requestsCounted(it)).toBe(2);
    expect(it.spans()).toHaveLength(2);
    await it.app.close();
    await other.get(TokenService).renew();
    expect(await requestsCounted(it)).toBe(3);
    await other.close();
    await using unobserved = await boot({ imports: [DokStampModule.forRoot(options)] });
    await unobserved.get(TokenService).getToken();
    expect(await requestsCounted(it)).toBe(3);
    expect(it.spans()).toHaveLength(3);
  });

  it('reports everything once with the CommonJS copy of this package beside the ESM one', async () => {
    await using it = await observe(optionsFor(sandbox));
    const { meterProvider, tracerProvider } = it;
    vi.resetModules();
    const copy = await import('../../../lib/opentelemetry/index.js');
    expect(copy.DokStampTelemetryModule).not.toBe(DokStampTelemetryModule);
    await using other = await boot({
      imports: [copy.DokStampTelemetryModule.forRoot({ meterProvider, tracerProvider })],
    });
    expect(other).toBeDefined();
    await it.tokens.getToken();
    expect(await requestsCounted(it)).toBe(1);
    expect(it.spans()).toHaveLength(1);
  });
});

describe('DokStampTelemetryModule', () => {
  it('uses the global providers by default', async () => {
    const { tracerProvider, spans } = spansInMemory();
    trace.setGlobalTracerProvider(tracerProvider);
    try {
      await using app = await boot({
        imports: [
          DokStampTelemetryModule.forRoot(),
          DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'required' }),
        ],
      });
      expect(app).toBeDefined();
      expect(spans()).toMatchObject([{ name: 'dokstamp.token.request' }]);
    } finally {
      trace.disable();
    }
  });

  it('uses the global providers that are set between its registration and the boot', async () => {
    const telemetry = DokStampTelemetryModule.forRoot();
    await using meters = metersInMemory();
    metrics.setGlobalMeterProvider(meters.meterProvider);
    try {
      await using app = await boot({
        imports: [
          telemetry,
          DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'required' }),
        ],
      });
      expect(app).toBeDefined();
      expect(await meters.read()).toHaveProperty(['dokstamp.token.request.duration']);
    } finally {
      metrics.disable();
    }
  });

  it('stops listening when the app shuts down', async () => {
    await using closed = await observe(optionsFor(sandbox));
    await closed.tokens.getToken();
    await closed.app.close();
    await using other = await observe({ ...optionsFor(sandbox), name: 'other' });
    await other.tokens.getToken();
    expect(await requestsCounted(closed)).toBe(1);
    expect(await requestsCounted(other)).toBe(1);
  });

  it('has metrics that Prometheus can scrape over HTTP', async () => {
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const meterProvider = new MeterProvider({ readers: [exporter] });
    await using app = await boot({
      imports: [
        DokStampTelemetryModule.forRoot({ meterProvider }),
        DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'required' }),
      ],
    });
    expect(app).toBeDefined();
    const text = await scrape(exporter);
    for (const line of [
      /^dokstamp_token_request_duration_count\{[^}]*dokstamp_account="default"[^}]*\} 1$/m,
      /^dokstamp_token_time_to_expiry\{[^}]*\} 4\d{4}/m,
      /^dokstamp_token_blocked\{[^}]*\} 0$/m,
    ]) {
      expect(text).toMatch(line);
    }
    await meterProvider.shutdown();
  });
});
