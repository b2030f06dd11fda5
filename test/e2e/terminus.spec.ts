import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  TerminusModule,
} from '@nestjs/terminus';
import { ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DokStampModule, type DokStampOptions, TokenService } from '../../lib/index.js';
import { DokStampHealthIndicator, type DokStampHealthOptions } from '../../lib/terminus/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { optionsFor } from '../support/app.js';

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

/** An app with `GET /ready`, and what that answers. */
async function appWith(options: Partial<DokStampOptions> = {}, asked: DokStampHealthOptions = {}) {
  @Controller()
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly dokStamp: DokStampHealthIndicator,
    ) {}

    @Get('ready')
    @HealthCheck()
    ready() {
      return this.health.check([() => this.dokStamp.isHealthy('dokstamp', asked)]);
    }
  }
  @Module({
    imports: [
      DokStampModule.forRoot({
        ...optionsFor(sandbox),
        ...options,
        ...(asked.name !== undefined && { name: asked.name }),
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

/** A token at hand, and a renewal that has failed. */
async function failARenewal(app: INestApplication) {
  const tokens = app.get(TokenService);
  await tokens.getToken();
  sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
  await tokens.renew().catch(() => {});
  return tokens.status;
}

/** What `check()` gives there. */
function sessionOfTerminus11(key: string) {
  const as = (status: string) => (details: object) => ({ [key]: { ...details, status } });
  return { up: as('up'), down: as('down') };
}

describe('DokStampHealthIndicator', () => {
  it('is up with a valid token, and tells its state, expiresAt and nextRenewalAt', async () => {
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

  it('is degraded while renewal fails with a valid token, and tells the code and retryAt', async () => {
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

  it('is up with degraded: true where terminus knows no degraded', async () => {
    const { app } = await appWith();
    await failARenewal(app);
    const eleven = { check: sessionOfTerminus11 } as unknown as HealthIndicatorService;
    const indicator = new DokStampHealthIndicator(eleven, app.get(ModuleRef));
    const result = await indicator.isHealthy('dokstamp');
    expect(result.dokstamp).toMatchObject({ status: 'up', degraded: true });
  });

  it('is down while renewal fails with a valid token, where degradedIsDown says so', async () => {
    const { app, ready } = await appWith({}, { degradedIsDown: true });
    await failARenewal(app);
    expect(await ready()).toMatchObject({ status: 503, dokstamp: { status: 'down' } });
  });

  it('is down without a token, and shows neither secret nor client id', async () => {
    const clientSecret = 'a-wrong-secret-of-the-test';
    const { app, ready } = await appWith({ clientSecret });
    await app
      .get(TokenService)
      .getToken()
      .catch(() => {});
    const answer = await ready();
    expect(answer).toMatchObject({
      status: 503,
      dokstamp: { status: 'down', state: 'blocked', code: 'invalid_client' },
    });
    expect(answer.text).not.toContain(clientSecret);
    expect(answer.text).not.toContain(sandbox.credentials.clientId);
  });

  it('asks the server nothing', async () => {
    const { ready } = await appWith({ startup: 'lazy' });
    expect(await ready()).toMatchObject({ status: 503, dokstamp: { state: 'absent' } });
    expect(sandbox.requests).toEqual([]);
  });

  it('tells of the account with this name', async () => {
    const { ready } = await appWith({ startup: 'required' }, { name: 'eu' });
    expect(await ready()).toMatchObject({ status: 200, dokstamp: { state: 'valid' } });
  });

  it('says what to do where no account of this name is registered', async () => {
    const { app } = await appWith();
    const asked = app.get(DokStampHealthIndicator).isHealthy('dokstamp', { name: 'us' });
    await expect(asked).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('"us", which is not registered') as string,
    });
  });
});
