import {
  type ArgumentsHost,
  BadGatewayException,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Header,
  type INestApplication,
  Inject,
  Injectable,
  Logger,
  type LoggerService,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  NotFoundException,
  Param,
  type Provider,
  Res,
  type Type,
  UseFilters,
} from '@nestjs/common';
import {
  APP_FILTER,
  BaseExceptionFilter,
  ExternalContextCreator,
  HttpAdapterHost,
} from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FAILURE_KINDS } from '../../lib/errors/failure-kinds.js';
import {
  DokStampError,
  type DokStampErrorCode,
  DokStampExceptionFilter,
  DokStampHttpService,
  DokStampModule,
  TokenService,
} from '../../lib/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { optionsFor } from '../support/app.js';

let sandbox: DokStampSandbox;

/** What the handler of `/thrown` throws. */
let thrown: unknown;

/** What is logged at any level, as `level: message`. */
let lines: string[];

beforeEach(() => {
  lines = [];
});

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  Logger.overrideLogger(false);
  await sandbox.stop();
});

@Controller()
class RegistrarController {
  constructor(
    @Inject(DokStampHttpService) private readonly http: DokStampHttpService,
    @Inject(TokenService) private readonly tokens: TokenService,
  ) {}

  @Get('promise')
  async promise() {
    return (await this.http.axiosRef.get<object>('/certificates')).data;
  }

  @Get('observable')
  observable() {
    return this.http.get('/certificates');
  }

  @Get('diploma')
  @Header('Content-Type', 'application/pdf')
  async diploma() {
    return (await this.http.axiosRef.get<Buffer>('/files/x/download')).data;
  }

  @Get('impatient')
  impatient() {
    return this.tokens.getToken({ timeout: 1 });
  }

  @Get('thrown')
  thrown(this: void) {
    throw thrown;
  }

  @Get('begun')
  async begun(@Res() response: { raw?: NodeJS.WritableStream } & NodeJS.WritableStream) {
    (response.raw ?? response).write('begun');
    await this.http.axiosRef.get('/certificates');
  }

  @Get('over')
  async over(@Res() response: { raw?: NodeJS.WritableStream } & NodeJS.WritableStream) {
    (response.raw ?? response).end('over');
    await this.http.axiosRef.get('/certificates');
  }

  @Get('certificates/:uuid')
  async one(@Param('uuid') uuid: string) {
    return (await this.http.axiosRef.get<object>(`/certificates/${uuid}`)).data;
  }
}

@Injectable()
class CertificatesMiddleware implements NestMiddleware {
  constructor(@Inject(DokStampHttpService) private readonly http: DokStampHttpService) {}

  async use(_: unknown, __: unknown, next: () => void): Promise<void> {
    await this.http.axiosRef.get('/certificates');
    next();
  }
}

const GLOBAL: Provider = { provide: APP_FILTER, useClass: DokStampExceptionFilter };

const PLATFORMS = [
  ['Express', ExpressAdapter],
  ['Fastify', FastifyAdapter],
] as const;

interface Host {
  providers?: Provider[];
  controller?: Type;
  configure?: (app: INestApplication) => void;
}

/** Serves the routes above over HTTP; `await using` closes the app. */
async function serve(
  Adapter: (typeof PLATFORMS)[number][1],
  { providers = [GLOBAL], controller = RegistrarController, configure }: Host = {},
) {
  @Module({
    imports: [DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'lazy' })],
    controllers: [controller],
    providers,
  })
  class HostModule {
    configure(consumer: MiddlewareConsumer) {
      consumer.apply(CertificatesMiddleware).forRoutes('guarded');
    }
  }
  const testing = await Test.createTestingModule({ imports: [HostModule] }).compile();
  const app = testing.createNestApplication(new Adapter(), { logger: collectingLogger() });
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  // What the boot has logged is no matter here.
  lines.length = 0;
  const url = await app.getUrl();
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      retryAfter: response.headers.get('retry-after'),
      body: await response.text(),
    };
  };
  return { app, get, [Symbol.asyncDispose]: () => app.close() };
}

/** Logs into `lines`. */
function collectingLogger(): LoggerService {
  const into = (level: string) => (message: unknown) =>
    void lines.push(`${level}: ${String(message)}`);
  return Object.fromEntries(
    ['debug', 'verbose', 'log', 'warn', 'error', 'fatal'].map((level) => [level, into(level)]),
  ) as unknown as LoggerService;
}

const JSON_TYPE = 'application/json; charset=utf-8';

const refused = (code: DokStampErrorCode, retryAfter: string | null = expect.any(String)) => ({
  status: 503,
  type: JSON_TYPE,
  retryAfter,
  body: `{"code":"${code}"}`,
});

const FOR_WANT_OF_A_TOKEN = [...Object.keys(FAILURE_KINDS), 'token_wait_timeout', 'closed'];

const FAULTS = [
  'config_invalid',
  'tenant_missing',
  'tenant_invalid',
  'account_unknown',
  'token_not_accepted',
  'body_not_replayable',
];

describe.each(PLATFORMS)('DokStampExceptionFilter on %s', (_, Adapter) => {
  it('answers 503, Retry-After and the code alone while no token can be had', async () => {
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 7 });
    await using app = await serve(Adapter);
    expect(await app.get('/promise')).toEqual(refused('token_rate_limited', '7'));
    expect(await app.get('/observable')).toEqual(refused('token_rate_limited', '7'));
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('passes on nothing of what the token endpoint said, and the next request goes through once it heals', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const body = { error: 'invalid_client', error_description: 'Ask Ana.' };
    sandbox.tokenEndpoint.fail({ status: 401, body, times: 1 });
    await using app = await serve(Adapter);
    expect(await app.get('/promise')).toEqual(refused('invalid_client', '30'));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await app.get('/promise')).toMatchObject({ status: 200, retryAfter: null });
  });

  it("answers a caller's own timeout without Retry-After, as no time is known", async () => {
    sandbox.tokenEndpoint.hang();
    await using app = await serve(Adapter);
    expect(await app.get('/impatient')).toEqual(refused('token_wait_timeout', null));
  });

  it('rounds Retry-After up to whole seconds, at least 1', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await using app = await serve(Adapter);
    const inMs = async (ms: number) => {
      const retryAt = new Date(Date.now() + ms);
      thrown = new DokStampError('token_request_failed', 'No.', { retryAt });
      return (await app.get('/thrown')).retryAfter;
    };
    expect(await inMs(2_000)).toBe('2');
    expect(await inMs(2_001)).toBe('3');
    expect(await inMs(1)).toBe('1');
    expect(await inMs(0)).toBe('1');
    expect(await inMs(-5_000)).toBe('1');
  });

  it('answers JSON from a route of another content type, and a HEAD without a body', async () => {
    sandbox.tokenEndpoint.fail({ status: 503, retryAfter: 2 });
    await using app = await serve(Adapter);
    expect(await app.get('/diploma')).toEqual(refused('token_rate_limited', '2'));
    expect(await app.get('/promise', { method: 'HEAD' })).toMatchObject({ status: 503, body: '' });
  });

  it('answers for a middleware too', async () => {
    sandbox.tokenEndpoint.fail({ status: 503, retryAfter: 2 });
    await using app = await serve(Adapter);
    expect(await app.get('/guarded')).toEqual(refused('token_rate_limited', '2'));
  });

  it('ends an answer that has begun, and throws at none that is over', async () => {
    sandbox.tokenEndpoint.fail({ status: 503, retryAfter: 2 });
    await using app = await serve(Adapter);
    expect(await app.get('/begun')).toMatchObject({ status: 200, body: 'begun' });
    expect(await app.get('/over')).toMatchObject({ status: 200, body: 'over' });
    expect(lines).toEqual([expect.stringMatching(/^warn: .*token_rate_limited/)]);
  });

  it.each(FOR_WANT_OF_A_TOKEN)('takes %s as want of a token', async (code) => {
    thrown = new DokStampError(code as DokStampErrorCode, 'No.');
    await using app = await serve(Adapter);
    expect(await app.get('/thrown')).toEqual(refused(code as DokStampErrorCode, null));
  });

  it.each(FAULTS)('leaves %s to Nest, as to come again cures nothing', async (code) => {
    thrown = new DokStampError(code as DokStampErrorCode, 'No.');
    await using app = await serve(Adapter);
    expect(await app.get('/thrown')).toMatchObject({
      status: 500,
      retryAfter: null,
      body: '{"statusCode":500,"message":"Internal server error"}',
    });
  });

  it('changes no other answer', async () => {
    await using app = await serve(Adapter);
    await using plain = await serve(Adapter, { providers: [] });
    const same = async (path: string, status: number) => {
      const answer = await app.get(path);
      expect(answer).toEqual(await plain.get(path));
      expect(answer.status).toBe(status);
    };
    await same('/nowhere', 404);
    await same('/certificates/unknown', 500);
    sandbox.api.fail({ status: 401, times: 4 });
    await same('/promise', 500);
    sandbox.api.restore();
    const cause = new DokStampError('token_request_failed', 'No.', { retryAt: new Date() });
    for (const [error, status] of [
      [new NotFoundException('No such student.'), 404],
      [new BadGatewayException('DokStamp is away.', { cause }), 502],
      [new BadGatewayException({ odd: 1 }), 502],
      [new Error('odd', { cause }), 500],
      ['a text', 500],
      [undefined, 500],
    ] as const) {
      thrown = error;
      await same('/thrown', status);
    }
  });

  it('knows the errors of another copy of this package', async () => {
    await using app = await serve(Adapter);
    vi.resetModules();
    const copy = await import('../../lib/errors/dokstamp.error.js');
    thrown = new copy.DokStampError('token_request_failed', 'No.');
    expect(thrown).not.toBeInstanceOf(DokStampError);
    expect(await app.get('/thrown')).toEqual(refused('token_request_failed', null));
  });
});

describe.each(PLATFORMS)('DokStampExceptionFilter is registered on %s', (_, Adapter) => {
  beforeEach(() => {
    thrown = new DokStampError('closed', 'The application has shut down.');
  });

  it('by useGlobalFilters with the adapter', async () => {
    await using host = await serve(Adapter, {
      providers: [],
      configure: (app) => app.useGlobalFilters(new DokStampExceptionFilter(app.getHttpAdapter())),
    });
    expect(await host.get('/thrown')).toEqual(refused('closed', null));
  });

  it('by useGlobalFilters as a provider, with the adapter that Nest injects', async () => {
    await using host = await serve(Adapter, {
      providers: [DokStampExceptionFilter],
      configure: (app) => app.useGlobalFilters(app.get(DokStampExceptionFilter)),
    });
    expect(await host.get('/thrown')).toEqual(refused('closed', null));
  });

  it('for one controller, by its class', async () => {
    @UseFilters(DokStampExceptionFilter)
    @Controller()
    class FilteredController extends RegistrarController {}
    await using host = await serve(Adapter, { providers: [], controller: FilteredController });
    expect(await host.get('/thrown')).toEqual(refused('closed', null));
    thrown = new NotFoundException();
    expect(await host.get('/thrown')).toMatchObject({ status: 404 });
  });

  it("beside the app's own filters, which keep what is theirs", async () => {
    @Catch()
    class EverythingFilter implements ExceptionFilter {
      constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}
      catch(__: unknown, host: ArgumentsHost) {
        this.host.httpAdapter.reply(host.getArgByIndex(1), 'mine', 418);
      }
    }
    await using host = await serve(Adapter, {
      providers: [{ provide: APP_FILTER, useClass: EverythingFilter }, GLOBAL],
    });
    expect(await host.get('/thrown')).toEqual(refused('closed', null));
    thrown = new NotFoundException();
    expect(await host.get('/thrown')).toMatchObject({ status: 418, body: 'mine' });
  });

  it("as the base of a filter that catches everything, and hands the rest to Nest's", async () => {
    @Catch()
    class MyFilter extends DokStampExceptionFilter {}
    await using host = await serve(Adapter, {
      providers: [{ provide: APP_FILTER, useClass: MyFilter }],
    });
    expect(await host.get('/thrown')).toEqual(refused('closed', null));
    thrown = new NotFoundException('No such student.');
    expect(await host.get('/thrown')).toMatchObject({
      status: 404,
      body: '{"message":"No such student.","error":"Not Found","statusCode":404}',
    });
  });

  it('by new without the adapter, which answers 500 and logs the remedy', async () => {
    await using host = await serve(Adapter, {
      providers: [],
      configure: (app) => app.useGlobalFilters(new DokStampExceptionFilter()),
    });
    expect(await host.get('/thrown')).toMatchObject({ status: 500 });
    expect(lines.join('\n')).toContain('new DokStampExceptionFilter(app.getHttpAdapter())');
  });
});

describe('DokStampExceptionFilter', () => {
  it('logs nothing of its own: an outage is one line, however many requests it refuses', async () => {
    sandbox.tokenEndpoint.fail({ status: 503, retryAfter: 60 });
    await using app = await serve(ExpressAdapter);
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.get('/promise')));
    expect(answers.every(({ status }) => status === 503)).toBe(true);
    expect(lines).toEqual([expect.stringMatching(/^warn: .*token_rate_limited/)]);
  });

  it('extends the filter of Nest that answers everything else', () => {
    expect(new DokStampExceptionFilter()).toBeInstanceOf(BaseExceptionFilter);
  });

  it('leaves a GraphQL resolver its error', async () => {
    await using host = await serve(ExpressAdapter);
    thrown = new DokStampError('token_request_failed', 'No.', { retryAt: new Date() });
    const instance = host.app.get(RegistrarController);
    const resolve = host.app.get(ExternalContextCreator).create(
      instance,
      instance.thrown,
      'thrown',
      undefined,
      undefined,
      undefined,
      undefined,
      {
        guards: true,
        interceptors: true,
        filters: true,
      },
      'graphql',
    );
    await expect(resolve()).rejects.toBe(thrown);
  });

  it.each(['rpc', 'ws'])('touches no answer in the context %s', (context) => {
    Logger.overrideLogger(collectingLogger());
    const host = new ExecutionContextHost([{}, {}]);
    host.setType(context);
    const error = new DokStampError('token_request_failed', 'No.');
    const filter = new DokStampExceptionFilter();
    expect(filter.catch(error, host)).toBeUndefined();
    expect(lines).toEqual(context === 'ws' ? [`error: ${String(error)}`] : []);
  });
});
