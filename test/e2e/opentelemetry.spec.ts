import diagnosticsChannel from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { Module } from '@nestjs/common';
import { context, type Attributes, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type DokStampHttpService,
  DokStampModule,
  TokenService,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../lib/index.js';
import { DokStampTelemetry } from '../../lib/opentelemetry/dokstamp-telemetry.js';
import { DokStampTelemetryModule } from '../../lib/opentelemetry/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { boot, optionsFor } from '../support/app.js';
import { scrape } from '../support/exported-metrics.js';
import { pass, stopTime, tokenHarness, until } from '../support/token-harness.js';

let sandbox: DokStampSandbox;

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(() => sandbox.stop());

/** An app with telemetry into memory, and one account that asks for nothing by itself. */
async function observed(name?: string, isTelemetryFirst = true) {
  const reader = readerOfOwn();
  const meterProvider = new MeterProvider({ readers: [reader] });
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
  });
  const imports = [
    DokStampTelemetryModule.forRoot({ meterProvider, tracerProvider }),
    DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'lazy', ...(name && { name }) }),
  ];
  const app = await boot({ imports: isTelemetryFirst ? imports : imports.toReversed() });
  return {
    app,
    tokens: app.get<TokenService>(getTokenServiceToken(name)),
    http: app.get<DokStampHttpService>(getDokStampHttpToken(name)),
    meterProvider,
    tracerProvider,
    tracer: tracerProvider.getTracer('of-the-app'),
    spans: () => spans.getFinishedSpans(),
    metrics: () => metricsOf(reader),
    async [Symbol.asyncDispose]() {
      await app.close();
      await meterProvider.shutdown();
    },
  };
}

/** A reader that reads when it is asked to. */
function readerOfOwn(): MetricReader {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  return new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
}

/** What each instrument has measured until now, by its name. */
async function metricsOf(reader: MetricReader) {
  const { resourceMetrics } = await reader.collect();
  const measured = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  return Object.fromEntries(
    measured.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      { unit: descriptor.unit, points: dataPoints as readonly Point[] },
    ]),
  );
}

interface Point {
  readonly attributes: Attributes;
  readonly value: number | { readonly count: number; readonly sum: number };
}

const ACCOUNT = { 'dokstamp.account': 'default' };

/** The two gauges of the one account that has them. */
async function gauges(it: Awaited<ReturnType<typeof observed>>) {
  const measured = await it.metrics();
  const valueOf = (name: string) => measured[`dokstamp.token.${name}`]?.points[0]?.value;
  return { timeToExpiry: valueOf('time_to_expiry'), blocked: valueOf('blocked') };
}

describe('DokStampTelemetryModule registered more than once', () => {
  const countOf = async (it: Awaited<ReturnType<typeof observed>>) => {
    const { points = [] } = (await it.metrics())['dokstamp.token.request.duration'] ?? {};
    return points.reduce((sum, { value }) => sum + (value as { count: number }).count, 0);
  };

  it('tells each thing once in one app', async () => {
    await using it = await observed();
    const { meterProvider, tracerProvider } = it;
    @Module({ imports: [DokStampTelemetryModule.forRoot({ meterProvider, tracerProvider })] })
    class FeatureModule {}
    await using again = await boot({
      imports: [FeatureModule, DokStampTelemetryModule.forRoot({ meterProvider })],
    });
    expect(again).toBeDefined();
    await it.tokens.getToken();
    expect(await countOf(it)).toBe(1);
    expect(it.spans()).toHaveLength(1);
    sandbox.revokeTokens();
    await it.tracer.startActiveSpan('the call', async (span) => {
      await it.http.axiosRef.get('/certificates');
      span.end();
    });
    expect(it.spans().find(({ name }) => name === 'the call')?.events).toHaveLength(1);
  });

  it('tells each thing once with two apps in one process, until both are closed', async () => {
    await using it = await observed();
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
    expect(await countOf(it)).toBe(2);
    expect(it.spans()).toHaveLength(2);
    await it.app.close();
    await other.get(TokenService).renew();
    expect(await countOf(it)).toBe(3);
    await other.close();
    await using unobserved = await boot({ imports: [DokStampModule.forRoot(options)] });
    await unobserved.get(TokenService).getToken();
    expect(await countOf(it)).toBe(3);
    expect(it.spans()).toHaveLength(3);
  });

  it('tells each thing once with the CommonJS copy of this package beside the ESM one', async () => {
    await using it = await observed();
    const { meterProvider, tracerProvider } = it;
    vi.resetModules();
    const copy = await import('../../lib/opentelemetry/index.js');
    expect(copy.DokStampTelemetryModule).not.toBe(DokStampTelemetryModule);
    await using other = await boot({
      imports: [copy.DokStampTelemetryModule.forRoot({ meterProvider, tracerProvider })],
    });
    expect(other).toBeDefined();
    await it.tokens.getToken();
    expect(await countOf(it)).toBe(1);
    expect(it.spans()).toHaveLength(1);
  });
});

describe('DokStampTelemetryModule', () => {
  it('measures token requests and waits in seconds', async () => {
    await using it = await observed();
    await Promise.all([it.tokens.getToken(), it.tokens.getToken()]);
    const measured = await it.metrics();
    const requests = measured['dokstamp.token.request.duration'];
    expect(requests).toMatchObject({
      unit: 's',
      points: [
        { attributes: { ...ACCOUNT, 'http.response.status_code': 200 }, value: { count: 1 } },
      ],
    });
    const sum = (requests?.points[0]?.value as { sum: number } | undefined)?.sum;
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(10);
    expect(measured['dokstamp.token.wait.duration']).toMatchObject({
      unit: 's',
      points: [{ attributes: ACCOUNT, value: { count: 2 } }],
    });
  });

  it('tells failures by error.type and status', async () => {
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    await using it = await observed();
    await it.tokens.getToken().catch(() => {});
    const measured = await it.metrics();
    const attributes = {
      ...ACCOUNT,
      'error.type': 'token_rate_limited',
      'http.response.status_code': 429,
    };
    expect(measured['dokstamp.token.request.duration']?.points).toMatchObject([{ attributes }]);
    expect(measured['dokstamp.token.blocked']?.points).toMatchObject([
      { attributes: ACCOUNT, value: 1 },
    ]);
    expect(measured['dokstamp.token.time_to_expiry']?.points).toMatchObject([
      { attributes: ACCOUNT, value: 0 },
    ]);
  });

  it('tells a failure without a code as _OTHER, as where a caller has left', async () => {
    sandbox.tokenEndpoint.hang();
    await using it = await observed();
    const caller = new AbortController();
    const call = it.tokens.getToken({ signal: caller.signal });
    setImmediate(() => caller.abort());
    await expect(call).rejects.toThrow();
    expect((await it.metrics())['dokstamp.token.wait.duration']?.points).toMatchObject([
      { attributes: { ...ACCOUNT, 'error.type': '_OTHER' } },
    ]);
  });

  it('gauges how long the token lasts, and that it is not blocked', async () => {
    await using it = await observed('eu');
    await it.tokens.getToken();
    const measured = await it.metrics();
    const attributes = { 'dokstamp.account': 'eu' };
    expect(measured['dokstamp.token.time_to_expiry']).toMatchObject({
      unit: 's',
      points: [{ attributes }],
    });
    const seconds = measured['dokstamp.token.time_to_expiry']?.points[0]?.value as number;
    expect(seconds).toBeGreaterThan(43_190);
    expect(seconds).toBeLessThanOrEqual(43_200);
    expect(measured['dokstamp.token.blocked']?.points).toMatchObject([{ attributes, value: 0 }]);
  });

  it('is not blocked while a valid token is at hand, though its renewal fails', async () => {
    await using it = await observed();
    await it.tokens.getToken();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    await it.tokens.renew().catch(() => {});
    expect((await it.metrics())['dokstamp.token.blocked']?.points).toMatchObject([{ value: 0 }]);
  });

  it('gauges 0 s for a token that was dropped', async () => {
    await using it = await observed();
    const token = await it.tokens.getToken();
    expect((await gauges(it)).timeToExpiry).toBeGreaterThan(0);
    sandbox.tokenEndpoint.fail({ status: 503 });
    it.tokens.invalidate(token);
    expect(await gauges(it)).toEqual({ timeToExpiry: 0, blocked: 0 });
    await it.tokens.getToken().catch(() => {});
    expect(await gauges(it)).toEqual({ timeToExpiry: 0, blocked: 1 });
  });

  it('is blocked from the first failure until a token comes, also while a try is under way', async () => {
    const reader = readerOfOwn();
    const meterProvider = new MeterProvider({ readers: [reader] });
    const blocked = async () =>
      (await metricsOf(reader))['dokstamp.token.blocked']?.points[0]?.value;
    const telemetry = new DokStampTelemetry(meterProvider, trace.getTracerProvider());
    stopTime();
    try {
      using account = await tokenHarness(optionsFor(sandbox));
      sandbox.tokenEndpoint.hang();
      const first = account.tokens.getToken().catch(() => {});
      await pass(9_000, 1_000);
      expect(await blocked()).toBeUndefined();
      await pass(1_000);
      await first;
      expect(sandbox.tokenRequests).toBe(1);
      expect(await blocked()).toBe(1);
      await pass(5_000, 1_000);
      expect(sandbox.tokenRequests).toBe(2);
      expect(account.tokens.status.state).toBe('absent');
      expect(await blocked()).toBe(1);
      sandbox.tokenEndpoint.restore();
      await pass(10_000, 1_000);
      await until(() => account.tokens.status.state === 'valid');
      expect(await blocked()).toBe(0);
    } finally {
      vi.useRealTimers();
      vi.restoreAllMocks();
      telemetry.onApplicationShutdown();
      await meterProvider.shutdown();
    }
  });

  it('keeps accounts named default and runtime apart from the one without a name', async () => {
    await using it = await observed();
    const names = ['default', 'runtime'];
    await using others = await boot({
      imports: names.map((name) =>
        DokStampModule.forRoot({ ...optionsFor(sandbox), name, startup: 'required' }),
      ),
    });
    expect(others).toBeDefined();
    await it.tokens.getToken();
    const measured = await it.metrics();
    for (const instrument of ['request.duration', 'time_to_expiry', 'blocked']) {
      const points = measured[`dokstamp.token.${instrument}`]?.points ?? [];
      const accounts = points.map(({ attributes }) => attributes['dokstamp.account']);
      expect(new Set(accounts)).toEqual(new Set(['default', 'default (named)', 'runtime (named)']));
    }
  });

  it('gauges an account whose app has closed as neither blocked nor with a token', async () => {
    await using it = await observed();
    const options = { ...optionsFor(sandbox), name: 'eu', startup: 'lazy' } as const;
    const other = await boot({ imports: [DokStampModule.forRoot(options)] });
    await other.get<TokenService>(getTokenServiceToken('eu')).getToken();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    await other
      .get<TokenService>(getTokenServiceToken('eu'))
      .renew()
      .catch(() => {});
    await other.close();
    expect(await gauges(it)).toEqual({ timeToExpiry: 0, blocked: 0 });
  });

  it('counts refused tokens and replays', async () => {
    await using it = await observed();
    await it.tokens.getToken();
    sandbox.revokeTokens();
    await it.http.axiosRef.get('/certificates');
    sandbox.revokeTokens();
    await it.http.axiosRef.get('/certificates', { dokStamp: { replay: false } }).catch(() => {});
    const measured = await it.metrics();
    expect(measured['dokstamp.token.refused']?.points).toMatchObject([
      { attributes: ACCOUNT, value: 2 },
    ]);
    expect(measured['dokstamp.request.replays']?.points).toMatchObject([
      { attributes: { ...ACCOUNT, 'http.response.status_code': 200 }, value: 1 },
    ]);
  });

  it("makes each token request a client span of no caller's trace, and a replay an event on the caller's span", async () => {
    await using it = await observed();
    await it.tokens.getToken();
    sandbox.revokeTokens();
    await it.tracer.startActiveSpan('the call', async (span) => {
      await it.http.axiosRef.get('/certificates');
      span.end();
    });
    const [first, second, call] = it.spans();
    const { hostname, port } = new URL(sandbox.url);
    for (const request of [first, second]) {
      expect(request).toMatchObject({
        name: 'dokstamp.token.request',
        kind: 2,
        attributes: {
          ...ACCOUNT,
          'http.request.method': 'POST',
          'http.response.status_code': 200,
          'server.address': hostname,
          'server.port': Number(port),
        },
      });
      expect(request?.parentSpanContext).toBeUndefined();
      expect(request?.spanContext().traceId).not.toBe(call?.spanContext().traceId);
    }
    expect(call?.name).toBe('the call');
    expect(call?.events).toMatchObject([
      { name: 'dokstamp.request.replay', attributes: { 'http.response.status_code': 200 } },
    ]);
  });

  it("shows the caller's trace to what instruments HTTP for the caller's own request alone", async () => {
    await using it = await observed();
    const seen: (string | boolean)[][] = [];
    const instrument = (message: unknown) => {
      const { request } = message as { request: ClientRequest };
      seen.push([request.path, trace.getActiveSpan() !== undefined]);
    };
    diagnosticsChannel.subscribe('http.client.request.start', instrument);
    await it.tracer.startActiveSpan('the call', async (span) => {
      await it.http.axiosRef.get('/certificates');
      span.end();
    });
    diagnosticsChannel.unsubscribe('http.client.request.start', instrument);
    expect(seen).toEqual([
      ['/oauth/token', false],
      ['/certificates', true],
    ]);
  });

  it('tells a failed token request by the status of its span', async () => {
    sandbox.tokenEndpoint.fail({ status: 503 });
    await using it = await observed();
    await it.tokens.getToken().catch(() => {});
    expect(it.spans()).toMatchObject(
      [undefined, 1, 2].map((resends) => ({
        status: { code: 2 },
        attributes: {
          'error.type': 'token_request_failed',
          ...(resends && { 'http.request.resend_count': resends }),
        },
      })),
    );
  });

  it('stops listening when the app shuts down', async () => {
    const closed = await observed();
    await closed.tokens.getToken();
    await closed.app.close();
    await using other = await observed('other');
    await other.tokens.getToken();
    const { points } = (await closed.metrics())['dokstamp.token.request.duration'] ?? {};
    expect(points).toHaveLength(1);
  });

  it('uses the global providers where none are given', async () => {
    const spans = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
    );
    try {
      await using app = await boot({
        imports: [
          DokStampTelemetryModule.forRoot(),
          DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'required' }),
        ],
      });
      expect(app).toBeDefined();
      expect(spans.getFinishedSpans()).toMatchObject([{ name: 'dokstamp.token.request' }]);
    } finally {
      trace.disable();
    }
  });

  it('uses the global providers that are set between its registration and the boot', async () => {
    const telemetry = DokStampTelemetryModule.forRoot();
    const reader = readerOfOwn();
    const meterProvider = new MeterProvider({ readers: [reader] });
    metrics.setGlobalMeterProvider(meterProvider);
    try {
      await using app = await boot({
        imports: [
          telemetry,
          DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'required' }),
        ],
      });
      expect(app).toBeDefined();
      expect(await metricsOf(reader)).toHaveProperty(['dokstamp.token.request.duration']);
    } finally {
      metrics.disable();
      await meterProvider.shutdown();
    }
  });

  it.each(['first', 'last'])(
    'ends the span of a token request that is under way when the app shuts down, registered %s',
    async (place) => {
      sandbox.tokenEndpoint.hang();
      await using it = await observed(undefined, place === 'first');
      const waiting = it.tokens.getToken().catch(() => {});
      await vi.waitUntil(() => sandbox.tokenRequests === 1);
      await it.app.close();
      await waiting;
      expect(it.spans()).toMatchObject([{ status: { code: 2 }, attributes: ACCOUNT }]);
      expect(it.spans()[0]?.attributes).toHaveProperty(['error.type']);
    },
  );

  it('is scraped by Prometheus over HTTP', async () => {
    const exporter = new PrometheusExporter({
      port: 0,
      host: '127.0.0.1',
      preventServerStart: true,
    });
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
      /^dokstamp_token_time_to_expiry\{[^}]*\} 43\d{3}/m,
      /^dokstamp_token_blocked\{[^}]*\} 0$/m,
    ]) {
      expect(text).toMatch(line);
    }
    await meterProvider.shutdown();
  });
});
