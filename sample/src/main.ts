import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { isDokStampError } from 'nestjs-dokstamp';
import { AppModule } from './app.module.js';
import { DokStampConnection } from './dokstamp/dokstamp-connection.js';
import { issueDiploma } from './job/issue-diploma.job.js';
import { RegistrarClient } from './job/registrar.client.js';
import { listen } from './listen.js';

const say = (line: string) => console.log(`registrar: ${line}`);

async function start(): Promise<{ app: NestExpressApplication; url: string }> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, {
    logger: ['warn', 'error'],
    abortOnError: false,
  });
  app.useBodyParser('raw', { type: 'application/pdf', limit: '20mb' });
  app.enableShutdownHooks();
  try {
    return { app, url: await listen(app) };
  } catch (error) {
    // A sandbox that is left running would keep the process alive.
    await app.close();
    throw error;
  }
}

async function main(): Promise<void> {
  const once = process.argv.includes('--once');
  const { app, url } = await start();
  const { sandbox } = app.get(DokStampConnection);
  say(
    sandbox
      ? `no DOKSTAMP_CLIENT_ID is set, so DokStamp is the sandbox at ${sandbox.url}`
      : 'using the DokStamp account that the environment names',
  );
  try {
    await issueDiploma(new RegistrarClient(url), say, sandbox);
  } catch (error) {
    console.error(`registrar: the job failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
  if (once) await app.close();
  else say(`listening on ${url}`);
}

try {
  await main();
} catch (error) {
  console.error(isDokStampError(error) ? error.message : error);
  process.exitCode = 1;
}
