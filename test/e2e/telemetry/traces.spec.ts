import diagnosticsChannel from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { optionsFor } from '../../support/app.js';
import { observe } from '../../support/observed.js';
import { freezeTime, settle, waitUntil } from '../../support/time.js';

const ACCOUNT = { 'dokstamp.account': 'default' };

let sandbox: DokStampSandbox;

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(() => sandbox.stop());

describe('the span of a token request', () => {
  it("is a client span of no caller's trace", async () => {
    await using it = await observe(optionsFor(sandbox));
    const call = await it.inSpan(() => it.http.axiosRef.get('/certificates'));
    const [request] = it.spans();
    const { hostname, port } = new URL(sandbox.url);
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
  });

  it('has the status and the attributes of a failure, for each attempt', async () => {
    freezeTime();
    sandbox.tokenEndpoint.fail({ status: 503 });
    await using it = await observe(optionsFor(sandbox));
    await settle(it.tokens.getToken().catch(() => {}));
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

  it.each(['first', 'last'])(
    'ends with an error if the app shuts down during the request (telemetry registered %s)',
    async (place) => {
      sandbox.tokenEndpoint.hang();
      await using it = await observe(optionsFor(sandbox), place === 'first');
      const waiting = it.tokens.getToken().catch(() => {});
      await waitUntil(() => sandbox.tokenRequests === 1);
      await it.app.close();
      await waiting;
      expect(it.spans()).toMatchObject([{ status: { code: 2 }, attributes: ACCOUNT }]);
      expect(it.spans()[0]?.attributes).toHaveProperty(['error.type']);
    },
  );
});

describe("the caller's span", () => {
  it('has an event for a replay', async () => {
    await using it = await observe(optionsFor(sandbox));
    await it.tokens.getToken();
    sandbox.revokeTokens();
    const call = await it.inSpan(() => it.http.axiosRef.get('/certificates'));
    expect(it.spans().map(({ name }) => name)).toEqual([
      'dokstamp.token.request',
      'dokstamp.token.request',
      'the call',
    ]);
    expect(call?.events).toMatchObject([
      { name: 'dokstamp.request.replay', attributes: { 'http.response.status_code': 200 } },
    ]);
  });

  it("is the active span during the caller's own request, but not during the token request", async () => {
    await using it = await observe(optionsFor(sandbox));
    const seen: (string | boolean)[][] = [];
    const instrument = (message: unknown) => {
      const { request } = message as { request: ClientRequest };
      seen.push([request.path, trace.getActiveSpan() !== undefined]);
    };
    diagnosticsChannel.subscribe('http.client.request.start', instrument);
    await it.inSpan(() => it.http.axiosRef.get('/certificates'));
    diagnosticsChannel.unsubscribe('http.client.request.start', instrument);
    expect(seen).toEqual([
      ['/oauth/token', false],
      ['/certificates', true],
    ]);
  });
});
