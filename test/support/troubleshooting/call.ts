import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ServerResponse } from 'node:http';
import { Controller, Get, type INestApplication, type Provider } from '@nestjs/common';
import { APP_FILTER, ModuleRef } from '@nestjs/core';
import { HealthIndicatorService } from '@nestjs/terminus';
import { vi } from 'vitest';
import {
  DokStampExceptionFilter,
  DokStampHttpService,
  DokStampModule,
  TokenService,
} from '../../../lib/index.js';
import { DokStampHealthIndicator } from '../../../lib/terminus/index.js';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { boot, optionsFor } from '../app.js';
import { accountAt, rejectionOf } from '../requests.js';
import { stubDokStamp } from '../stub-server.js';
import { type Producers, atSandbox, logged } from './produced.js';

/** An `AxiosError`, and what this package says about it. */
function withCause(error: Error): [Error, Error] {
  return [error, error.cause as Error];
}

/** What an app answers and logs whose controller calls DokStamp while no token can be had. */
async function withoutToken(...providers: Provider[]): Promise<[answer: string, lines: string[]]> {
  @Controller()
  class CertificatesController {
    constructor(private readonly dokstamp: DokStampHttpService) {}

    @Get('certificates')
    async list(): Promise<unknown> {
      return (await this.dokstamp.axiosRef.get<unknown>('/certificates')).data;
    }
  }
  await using sandbox = await DokStampSandbox.start();
  sandbox.tokenEndpoint.fail({ status: 429 });
  const account = DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'lazy' });
  const controllers = [CertificatesController];
  await using booted = await boot({ imports: [account], controllers, providers });
  // The failure itself is logged once, and has an entry of its own.
  await rejectionOf(booted.get(TokenService).getToken());
  const app = booted as unknown as INestApplication;
  await app.listen(0);
  const url = `${await app.getUrl()}/certificates`;
  let answer = '';
  const lines = await logged(async () => (answer = await (await fetch(url)).text()));
  return [answer, lines];
}

/** What the reader of a streamed 401 gets. */
async function streamedRefusal(answer: (response: ServerResponse) => unknown): Promise<Error> {
  await using server = await stubDokStamp((_, response) => answer(response.writeHead(401)));
  await using account = await accountAt(server);
  const refused = await rejectionOf<{ response: { data: Readable } }>(
    account.http.axiosRef.get('/files/1', { responseType: 'stream' }),
  );
  return await rejectionOf(text(refused.response.data));
}

/** Nothing ends for being slow, as on a busy machine it might. */
async function whileTimersStand<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}

async function redirected(): Promise<Error> {
  await using server = await stubDokStamp((_, response) =>
    response.writeHead(302, { location: 'https://elsewhere.example' }).end(),
  );
  await using account = await accountAt(server, { http: { adapter: 'fetch' } });
  return await rejectionOf(account.http.axiosRef.get('/files/1'));
}

/** What is told where a call fails. */
export const callProducers: Producers = {
  'There is no tenant for the request': async () => {
    const call = ({ http }: { http: DokStampHttpService }) =>
      rejectionOf(http.axiosRef.get('/certificates'));
    const outside = () => {
      throw new Error('There is no request.');
    };
    return [
      [
        await atSandbox(call, { tenant: undefined }),
        await atSandbox(call, { tenant: () => undefined }),
        await atSandbox(call, { tenant: outside }),
      ],
    ];
  },
  'The tenant cannot be sent': () =>
    atSandbox(async ({ http }) => [
      [
        await rejectionOf(http.axiosRef.get('/files', { dokStamp: { tenant: 'a\r\nb' } })),
        await rejectionOf(http.axiosRef.get('/files', { dokStamp: { tenant: 'Łódź' } })),
      ],
    ]),
  '401, and a new token did not help': () =>
    atSandbox(async ({ http, tokens }, sandbox) => {
      await tokens.getToken();
      const dokStamp = { tenant: 'another-university' };
      let error = new Error();
      const lines = await logged(async () => {
        error = await rejectionOf(http.axiosRef.get('/certificates', { dokStamp }));
      });
      sandbox.api.fail({ status: 401 });
      const own = { tenant: () => undefined, baseURL: sandbox.url, ...sandbox.credentials };
      await using other = await accountAt(sandbox, own);
      const [, withoutTenant] = withCause(await rejectionOf(other.http.axiosRef.get('/auth/me')));
      return [...withCause(error), withoutTenant, lines];
    }),
  '401 to an upload': () =>
    atSandbox(async ({ http, tokens }, sandbox) => {
      await tokens.getToken();
      sandbox.revokeTokens();
      return withCause(await rejectionOf(http.axiosRef.post('/files', Readable.from(['%PDF']))));
    }),
  '401 to an upload, and dokStamp.body threw': () =>
    atSandbox(async ({ http, tokens }, sandbox) => {
      await tokens.getToken();
      sandbox.revokeTokens();
      let sends = 0;
      const body = () => {
        if (sends++ > 0) throw new Error('The file is gone.');
        return Readable.from(['%PDF']);
      };
      return withCause(
        await rejectionOf(http.axiosRef.post('/files', null, { dokStamp: { body } })),
      );
    }),
  '404 for something that is there': () =>
    atSandbox(async ({ http }) => {
      const fields = { name: 'Uni', country: 'PT' };
      const { data } = await http.axiosRef.post<{ data: { uuid: string } }>(
        '/institutions',
        fields,
      );
      const dokStamp = { tenant: 'another-university' };
      const path = `/institutions/${data.data.uuid}`;
      return [await rejectionOf(http.axiosRef.get(path, { dokStamp }))];
    }),
  '403': () =>
    atSandbox(async ({ http }, sandbox) => {
      sandbox.api.fail({ status: 403 });
      return [await rejectionOf(http.axiosRef.get('/certificates'))];
    }),
  'The app answers 500 where DokStamp is down': () => withoutToken(),
  'The exception filter has no HTTP adapter': async () => {
    const filter = new DokStampExceptionFilter();
    const [, lines] = await withoutToken({ provide: APP_FILTER, useValue: filter });
    return lines;
  },
  'The health check asks for an account that is not registered': () =>
    atSandbox(async ({ app }) => {
      const indicator = new DokStampHealthIndicator(
        new HealthIndicatorService(),
        app.get(ModuleRef),
      );
      return [await rejectionOf(indicator.isHealthy('dokstamp', { name: 'us' }))];
    }),
  'A redirect reaches the caller': async () => [await redirected()],
  'The stream of a 401 breaks off': async () => [
    await whileTimersStand(() =>
      streamedRefusal((response) => response.end('x'.repeat(2 * 1024 * 1024))),
    ),
    await streamedRefusal((response) => response.write('the beginning')),
  ],
};
