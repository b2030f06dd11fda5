import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  TerminusModule,
} from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampModule, type DokStampOptions, TokenService } from '../../../lib/index.js';
import {
  DokStampHealthIndicator,
  type DokStampHealthOptions,
} from '../../../lib/terminus/index.js';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { optionsFor } from '../../support/app.js';

let sandbox: DokStampSandbox;
let apps: INestApplication[];

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  apps = [];
});

afterEach(async () => {
  await Promise.all(apps.map((app) => app.close()));
  await sandbox.stop();
});

/** An app with `GET /ready`, and a call of it. */
async function appWith(options: Partial<DokStampOptions> = {}, health: DokStampHealthOptions = {}) {
  @Controller()
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly dokStamp: DokStampHealthIndicator,
    ) {}

    @Get('ready')
    @HealthCheck()
    ready() {
      return this.health.check([() => this.dokStamp.isHealthy('dokstamp', health)]);
    }
  }
  @Module({
    imports: [
      DokStampModule.forRoot({
        ...optionsFor(sandbox),
        ...options,
        ...(health.name !== undefined && { name: health.name }),
      }),
      TerminusModule.forRoot({ logger: false }),
    ],
    controllers: [HealthController],
    providers: [DokStampHealthIndicator],
  })
  class AppModule {}
  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = testing.createNestApplication({ logger: false });
  apps.push(app);
  await app.listen(0, '127.0.0.1');
  const ready = async () => {
    const response = await fetch(`${await app.getUrl()}/ready`);
    const text = await response.text();
    const body = JSON.parse(text) as { status: string; details: { dokstamp: object } };
    return { status: response.status, text, overall: body.status, ...body.details };
  };
  return { app, ready };
}

/** Obtains a token, and makes its renewal fail. */
async function failARenewal(app: INestApplication) {
  const tokens = app.get(TokenService);
  await tokens.getToken();
  sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
  await tokens.renew().catch(() => {});
  return tokens.status;
}

describe('DokStampHealthIndicator', () => {
  it('is up with a valid token, and has its state, expiresAt and nextRenewalAt', async () => {
    const { app, ready } = await appWith({ startup: 'required' });
    const { expiresAt, nextRenewalAt } = app.get(TokenService).status;
    expect(await ready()).toMatchObject({
      status: 200,
      overall: 'ok',
      dokstamp: {
        status: 'up',
        state: 'valid',
        expiresAt: expiresAt?.toISOString(),
        nextRenewalAt: nextRenewalAt?.toISOString(),
      },
    });
  });

  it('is degraded while the token is valid and its renewal fails, and has the code and retryAt', async () => {
    const { app, ready } = await appWith();
    const { lastError } = await failARenewal(app);
    expect(await ready()).toMatchObject({
      status: 200,
      overall: 'degraded',
      dokstamp: {
        status: 'degraded',
        state: 'valid',
        code: 'token_rate_limited',
        retryAt: lastError?.retryAt?.toISOString(),
      },
    });
  });

  it('is up with degraded: true if terminus has no degraded, as version 11', async () => {
    const { app, ready } = await appWith();
    const indicators = app.get(HealthIndicatorService, { strict: false });
    const check = indicators.check.bind(indicators);
    vi.spyOn(HealthIndicatorService.prototype, 'check').mockImplementation((key) =>
      Object.defineProperty(check(key), 'degraded', { value: undefined }),
    );
    await failARenewal(app);
    expect(await ready()).toMatchObject({
      status: 200,
      overall: 'ok',
      dokstamp: { status: 'up', degraded: true },
    });
  });

  it('is down while the token is valid and its renewal fails, with degradedIsDown', async () => {
    const { app, ready } = await appWith({}, { degradedIsDown: true });
    await failARenewal(app);
    expect(await ready()).toMatchObject({ status: 503, dokstamp: { status: 'down' } });
  });

  it('is down without a token, and contains neither the secret nor the client id', async () => {
    const clientSecret = 'a-wrong-secret-of-the-test';
    const { app, ready } = await appWith({ clientSecret });
    await app
      .get(TokenService)
      .getToken()
      .catch(() => {});
    const response = await ready();
    expect(response).toMatchObject({
      status: 503,
      dokstamp: { status: 'down', state: 'blocked', code: 'invalid_client' },
    });
    expect(response.text).not.toContain(clientSecret);
    expect(response.text).not.toContain(sandbox.credentials.clientId);
  });

  it('sends no request', async () => {
    const { ready } = await appWith({ startup: 'lazy' });
    expect(await ready()).toMatchObject({ status: 503, dokstamp: { state: 'absent' } });
    expect(sandbox.requests).toEqual([]);
  });

  it('reports the account of its name option', async () => {
    const { ready } = await appWith({ startup: 'required' }, { name: 'eu' });
    expect(await ready()).toMatchObject({ status: 200, dokstamp: { state: 'valid' } });
  });

  it('rejects with the fault if no account of this name is registered', async () => {
    const { app } = await appWith();
    const health = app.get(DokStampHealthIndicator).isHealthy('dokstamp', { name: 'us' });
    await expect(health).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('"us", which is not registered') as string,
    });
  });
});
