'use strict';

const { NestFactory } = require('@nestjs/core');
const { startRecording } = require('./recording.cjs');

/**
 * An app with telemetry that makes two token requests and one replay. The providers are set after its modules are
 * registered, as in main.ts. Prints the counts. The caller passes the modules, imported or required.
 */
exports.telemetry = async ({ DokStampModule, DokStampHttpService, DokStampSandbox, modules }) => {
  const sandbox = await DokStampSandbox.start();
  const { url: baseURL, credentials, tenant } = sandbox;
  const account = DokStampModule.forRoot({ baseURL, ...credentials, tenant, startup: 'lazy' });
  class AppModule {}
  const root = {
    module: AppModule,
    imports: [account, ...modules.map((module) => module.forRoot())],
  };
  const recorded = startRecording();
  const app = await NestFactory.createApplicationContext(root, { logger: ['error', 'warn'] });
  const { axiosRef } = app.get(DokStampHttpService);
  await axiosRef.get('/certificates');
  sandbox.revokeTokens();
  await axiosRef.get('/certificates');
  console.log(JSON.stringify(recorded()));
  await app.close();
  await sandbox.stop();
};
