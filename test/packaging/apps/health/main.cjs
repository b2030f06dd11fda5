// A readiness check over HTTP: with a valid token, while its renewal fails, and without a token. Prints the responses.
require('reflect-metadata');
const { Controller, Get, Inject, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { HealthCheck, HealthCheckService, TerminusModule } = require('@nestjs/terminus');
const { DokStampModule, TokenService } = require('nestjs-dokstamp');
const { DokStampHealthIndicator } = require('nestjs-dokstamp/terminus');
const { DokStampSandbox } = require('nestjs-dokstamp/testing');

class HealthController {
  constructor(health, dokStamp) {
    this.ready = () => health.check([() => dokStamp.isHealthy('dokstamp')]);
  }
  check() {
    return this.ready();
  }
}
Controller()(HealthController);
Inject(HealthCheckService)(HealthController, undefined, 0);
Inject(DokStampHealthIndicator)(HealthController, undefined, 1);
const method = Object.getOwnPropertyDescriptor(HealthController.prototype, 'check');
Get('ready')(HealthController.prototype, 'check', method);
HealthCheck()(HealthController.prototype, 'check', method);

async function main() {
  const sandbox = await DokStampSandbox.start();
  const { url: baseURL, tenant, credentials } = sandbox;
  class AppModule {}
  Module({
    imports: [
      DokStampModule.forRoot({ baseURL, tenant, ...credentials, startup: 'required' }),
      TerminusModule.forRoot({ logger: false }),
    ],
    controllers: [HealthController],
    providers: [DokStampHealthIndicator],
  })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const told = [];
  const ask = async () => {
    const response = await fetch(`${await app.getUrl()}/ready`);
    const { details } = await response.json();
    const { status, degraded, state, code } = details.dokstamp;
    told.push({ http: response.status, status, degraded, state, code });
  };
  await ask();
  const tokens = app.get(TokenService);
  const token = await tokens.getToken();
  sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
  await tokens.renew().catch(() => {});
  await ask();
  tokens.invalidate(token);
  await ask();
  console.log(JSON.stringify(told));
  await app.close();
  await sandbox.stop();
}

void main();
