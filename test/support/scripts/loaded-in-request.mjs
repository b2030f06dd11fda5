// Loads the built package for the first time inside a request, and prints which request's store its work sees:
// `node loaded-in-request.mjs URL CREDENTIALS`.
import 'reflect-metadata';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const [baseURL, credentials] = process.argv.slice(2);
const requests = new AsyncLocalStorage();
const seen = [];

const app = await requests.run('the first request', async () => {
  const { DokStampModule, TokenService } = await import('nestjs-dokstamp');
  class HostModule {}
  Module({
    imports: [
      DokStampModule.forRoot({
        baseURL,
        startup: 'lazy',
        credentials: () => {
          seen.push(requests.getStore() ?? 'no request');
          return JSON.parse(credentials);
        },
      }),
    ],
  })(HostModule);
  const app = await NestFactory.createApplicationContext(HostModule, { logger: false });
  const tokens = app.get(TokenService);
  tokens.events$.subscribe(() => seen.push(requests.getStore() ?? 'no request'));
  await tokens.getToken();
  return app;
});
console.log(JSON.stringify(seen));
await app.close();
