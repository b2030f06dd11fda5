// What the measurements share: an app with one account, on a sandbox of its own.
import { NestFactory } from '@nestjs/core';
import { DokStampHttpService, DokStampModule, TokenService } from 'nestjs-dokstamp';
import { DokStampSandbox } from 'nestjs-dokstamp/testing';

/** Gives the result of `measure`, and ends app and sandbox. */
export async function withAccount(measure, http = {}) {
  const sandbox = await DokStampSandbox.start();
  const { url: baseURL, credentials, tenant } = sandbox;
  const options = { baseURL, ...credentials, tenant, http };
  const app = await NestFactory.createApplicationContext(DokStampModule.forRoot(options), {
    logger: false,
  });
  try {
    const axios = app.get(DokStampHttpService).axiosRef;
    return await measure({ sandbox, axios, tokens: app.get(TokenService) });
  } finally {
    await app.close();
    await sandbox.stop();
  }
}
