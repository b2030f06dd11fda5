import 'reflect-metadata';
import { inspect } from 'node:util';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { isDokStampError } from 'nestjs-dokstamp';
import { AppModule } from './app.module.js';
import { DokStampConnection, environmentNamesAnAccount } from './dokstamp/dokstamp-connection.js';
import { SetupError } from './failures/setup.error.js';
import { type Flags, readFlags } from './flags.js';
import { issueDiploma } from './job/issue-diploma.job.js';
import { RegistrarClient } from './job/registrar.client.js';
import { listen } from './listen.js';
import { servePageFiles } from './page/page-files.js';

const say = (line: string) => console.log(`registrar: ${line}`);
const complain = (line: string) => console.error(`registrar: ${line}`);

async function start(real: boolean): Promise<{ app: NestExpressApplication; url: string }> {
  const root = AppModule.register(real ? 'environment' : 'sandbox');
  const app = await NestFactory.create<NestExpressApplication>(root, {
    logger: ['warn', 'error'],
    // What stops the boot is told once, at the end of this file.
    bufferLogs: true,
    autoFlushLogs: false,
    abortOnError: false,
    // A browser keeps connections open, and asks on them for its stream anew, which would hold up the end of the app. It
    // cuts off requests that are under way: an app behind a load balancer lets those end first.
    forceCloseConnections: true,
  });
  app.useBodyParser('raw', { type: 'application/pdf', limit: '20mb' });
  servePageFiles(app);
  app.enableShutdownHooks();
  try {
    const url = await listen(app);
    app.flushLogs();
    return { app, url };
  } catch (error) {
    // A sandbox that is left running would keep the process alive.
    await app.close();
    throw error;
  }
}

function whichDokStamp(sandboxUrl: string | undefined): string {
  if (!sandboxUrl) return 'using the DokStamp account that the environment names';
  return environmentNamesAnAccount()
    ? `the environment names a DokStamp account, but without --real nothing is sent there: DokStamp is the sandbox at ${sandboxUrl}`
    : `no DOKSTAMP_CLIENT_ID is set, so DokStamp is the sandbox at ${sandboxUrl}`;
}

async function main({ once, real }: Flags): Promise<void> {
  const { app, url } = await start(real);
  const { sandbox, sharedStore } = app.get(DokStampConnection, { strict: false });
  say(whichDokStamp(sandbox?.url));
  if (sharedStore) say(`the token is shared through Redis at ${sharedStore.address} (REDIS_URL)`);
  try {
    await issueDiploma(new RegistrarClient(url), say, sandbox);
  } catch (error) {
    complain(`the job failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
  if (once) {
    await app.close();
    return;
  }
  say(`listening on ${url}`);
  say('open that address in a browser to watch the module at work');
}

const flags = readFlags(process.argv.slice(2), complain);
try {
  if (flags) await main(flags);
  else process.exitCode = 2;
} catch (error) {
  const isClear = isDokStampError(error) || error instanceof SetupError;
  complain(isClear ? error.message : inspect(error));
  process.exitCode = 1;
}
