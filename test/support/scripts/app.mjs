// An app of the built package, for tests that need a process: `node app.mjs URL CREDENTIALS SCENARIO`.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DokStampHttpService, DokStampModule, TokenService } from 'nestjs-dokstamp';

const [baseURL, credentials, scenario] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);

class Shutdown {
  constructor(tokens) {
    this.tokens = tokens;
  }

  async beforeApplicationShutdown() {
    this.tokens.invalidate(await this.tokens.getToken());
    say((await this.tokens.getToken()) ? 'token before shutdown' : 'no token');
  }
}

class HostModule {}
Module({
  imports: [
    DokStampModule.forRoot({ baseURL, tenant: 'my-university', ...JSON.parse(credentials) }),
  ],
  providers: [
    { provide: Shutdown, inject: [TokenService], useFactory: (tokens) => new Shutdown(tokens) },
  ],
})(HostModule);

const app = await NestFactory.createApplicationContext(HostModule, { logger: false });
const call = async () => (await app.get(DokStampHttpService).axiosRef.get('/certificates')).status;

if (scenario === 'one call') say(await call());
if (scenario === 'startup only') say('booted');
if (scenario === 'close') {
  say(await call());
  await app.close();
  say('closed');
}
if (scenario === 'serve') {
  app.enableShutdownHooks();
  say(await call());
  process.stdin.resume();
  process.stdin.on('data', () => void call().then(say, (error) => say(error.message)));
}
