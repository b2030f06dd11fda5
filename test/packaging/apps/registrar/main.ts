// Serves one request on the platform that the command line names, and prints the answer.
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DokStampSandbox } from 'nestjs-dokstamp/testing';
import { RegistrarModule, StudentsService } from './registrar.js';

async function serveOnce(platform: string | undefined): Promise<void> {
  const sandbox = await DokStampSandbox.start();
  process.env['DOKSTAMP_BASE_URL'] = sandbox.url;
  process.env['DOKSTAMP_CLIENT_ID'] = sandbox.credentials.clientId;
  process.env['DOKSTAMP_CLIENT_SECRET'] = sandbox.credentials.clientSecret;
  process.env['DOKSTAMP_TENANT'] = sandbox.tenant;

  const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(RegistrarModule, adapter, { logger: ['error', 'warn'] });
  await app.get(StudentsService).add('Ana');
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/students`);
  console.log(await answer.text());
  await app.close();
  await sandbox.stop();
}

void serveOnce(process.argv[2]);
