import { BadGatewayException, Logger, NotFoundException } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { ExpressAdapter } from '@nestjs/platform-express';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DokStampError,
  type DokStampErrorCode,
  DokStampExceptionFilter,
} from '../../../lib/index.js';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import {
  type FilteredApp,
  PLATFORMS,
  RegistrarController,
  loggerInto,
  route,
  serve,
  unavailable,
} from '../../support/filtered-app.js';
import { advance, freezeTime } from '../../support/time.js';

beforeEach(() => {
  freezeTime();
});

const WITHOUT_TOKEN: DokStampErrorCode[] = [
  'token_request_failed',
  'token_response_invalid',
  'credentials_unavailable',
  'token_rate_limited',
  'token_request_rejected',
  'invalid_client',
  'token_wait_timeout',
  'closed',
];

const FAULTS: DokStampErrorCode[] = [
  'config_invalid',
  'tenant_missing',
  'tenant_invalid',
  'account_unknown',
  'token_not_accepted',
  'body_not_replayable',
];

describe.each(PLATFORMS)(
  'DokStampExceptionFilter on %s, while no token is available,',
  (_, Adapter) => {
    let sandbox: DokStampSandbox;
    let app: FilteredApp;

    beforeAll(async () => {
      freezeTime();
      sandbox = await DokStampSandbox.start();
      sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 7 });
      app = await serve(sandbox, Adapter);
      // Token requests are paused for 7 s from now on, and each test begins at this time.
      await app.get('/promise');
    });

    afterAll(async () => {
      await app[Symbol.asyncDispose]();
      await sandbox.stop();
    });

    it.each([
      ['a promise', '/promise'],
      ['an Observable', '/observable'],
      ['a handler with another content type', '/diploma'],
      ['a middleware', '/guarded'],
    ])('answers for %s', async (__, path) => {
      expect(await app.get(path)).toEqual(unavailable('token_rate_limited', '7'));
    });

    it('answers HEAD without a body', async () => {
      const answer = await app.get('/promise', { method: 'HEAD' });
      expect(answer).toMatchObject({ status: 503, retryAfter: '7', body: '' });
    });

    it('ends an answer that has begun, in a handler and in a middleware', async () => {
      expect(await app.get('/begun')).toMatchObject({ status: 200, body: 'begun' });
      expect(await app.get('/guarded/begun')).toMatchObject({ status: 200, body: 'begun' });
    });

    it('leaves an answer that has ended', async () => {
      expect(await app.get('/over')).toMatchObject({ status: 200, body: 'over' });
    });

    it('logs nothing for a further request', async () => {
      await Promise.all(Array.from({ length: 10 }, () => app.get('/promise')));
      expect(app.lines).toEqual([expect.stringContaining('token_rate_limited')]);
    });

    it('causes no token request', () => {
      expect(sandbox.tokenRequests).toBe(1);
    });
  },
);

describe.each(PLATFORMS)('DokStampExceptionFilter on %s', (_, Adapter) => {
  let sandbox: DokStampSandbox;
  let app: FilteredApp;
  let plain: FilteredApp;

  beforeAll(async () => {
    freezeTime();
    sandbox = await DokStampSandbox.start();
    app = await serve(sandbox, Adapter);
    plain = await serve(sandbox, Adapter, { providers: [] });
  });

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await plain[Symbol.asyncDispose]();
    await sandbox.stop();
  });

  it.each(WITHOUT_TOKEN)('answers 503 for %s', async (code) => {
    route.throws = new DokStampError(code, 'No.');
    expect(await app.get('/thrown')).toEqual(unavailable(code, null));
  });

  it.each(FAULTS)('leaves %s to Nest, because another try would not help', async (code) => {
    route.throws = new DokStampError(code, 'No.');
    expect(await app.get('/thrown')).toMatchObject({
      status: 500,
      retryAfter: null,
      body: '{"statusCode":500,"message":"Internal server error"}',
    });
  });

  it('rounds Retry-After up to whole seconds, at least 1', async () => {
    const retryAfter = async (ms: number) => {
      const retryAt = new Date(Date.now() + ms);
      route.throws = new DokStampError('token_request_failed', 'No.', { retryAt });
      return (await app.get('/thrown')).retryAfter;
    };
    expect(await retryAfter(2_000)).toBe('2');
    expect(await retryAfter(2_001)).toBe('3');
    expect(await retryAfter(1)).toBe('1');
    expect(await retryAfter(0)).toBe('1');
    expect(await retryAfter(-5_000)).toBe('1');
  });

  it('changes no other answer', async () => {
    const expectSame = async (path: string, status: number) => {
      const answer = await app.get(path);
      expect(answer).toEqual(await plain.get(path));
      expect(answer.status).toBe(status);
    };
    await expectSame('/nowhere', 404);
    await expectSame('/unknown', 500);
    sandbox.api.fail({ status: 401, times: 4 });
    await expectSame('/promise', 500);
    sandbox.api.restore();
    const cause = new DokStampError('token_request_failed', 'No.', { retryAt: new Date() });
    for (const [error, status] of [
      [new NotFoundException('No such student.'), 404],
      [new BadGatewayException('DokStamp is away.', { cause }), 502],
      [new BadGatewayException({ odd: 1 }), 502],
      [new Error('odd', { cause }), 500],
      ['a text', 500],
      [undefined, 500],
    ] as const) {
      route.throws = error;
      await expectSame('/thrown', status);
    }
  });
});

describe('DokStampExceptionFilter', () => {
  it('repeats nothing of the answer of the token endpoint, and the next request succeeds after it recovers', async () => {
    await using sandbox = await DokStampSandbox.start();
    const body = { error: 'invalid_client', error_description: 'Ask Ana.' };
    sandbox.tokenEndpoint.fail({ status: 401, body, times: 1 });
    await using app = await serve(sandbox, ExpressAdapter);
    const answer = await app.get('/promise');
    expect(answer).toEqual(unavailable('invalid_client', '30'));
    expect(answer.body).not.toContain('Ana');
    await advance(30_000);
    expect(await app.get('/promise')).toMatchObject({ status: 200, retryAfter: null });
  });

  it('leaves a GraphQL resolver its error', async () => {
    await using sandbox = await DokStampSandbox.start();
    await using host = await serve(sandbox, ExpressAdapter);
    route.throws = new DokStampError('token_request_failed', 'No.', { retryAt: new Date() });
    const instance = host.app.get(RegistrarController);
    const resolve = host.app
      .get(ExternalContextCreator)
      .create(
        instance,
        instance.thrown,
        'thrown',
        undefined,
        undefined,
        undefined,
        undefined,
        { guards: true, interceptors: true, filters: true },
        'graphql',
      );
    await expect(resolve()).rejects.toBe(route.throws);
  });

  it.each(['rpc', 'ws'])('answers nothing in the context %s', (context) => {
    const lines: string[] = [];
    Logger.overrideLogger(loggerInto(lines));
    const host = new ExecutionContextHost([{}, {}]);
    host.setType(context);
    const error = new DokStampError('token_request_failed', 'No.');
    expect(new DokStampExceptionFilter().catch(error, host)).toBeUndefined();
    expect(lines).toEqual(context === 'ws' ? [`error: ${String(error)}`] : []);
  });
});
