import {
  Controller,
  Get,
  type INestApplication,
  Inject,
  Injectable,
  type LoggerService,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type Provider,
  Res,
  type Type,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  type DokStampErrorCode,
  DokStampExceptionFilter,
  DokStampHttpService,
  DokStampModule,
} from '../../lib/index.js';
import type { DokStampSandbox } from '../../lib/testing/index.js';
import { optionsFor } from './app.js';

type Reply = Extract<Parameters<FastifyAdapter['isHeadersSent']>[0], { sent: boolean }>;

/** Has the methods of Nest 11, which do not expect the response of Node.js that a middleware has. */
class Nest11FastifyAdapter extends FastifyAdapter {
  override isHeadersSent(response: Reply): boolean {
    return response.sent;
  }

  override setHeader(response: Reply, name: string, value: string) {
    return response.header(name, value);
  }

  override end(response: Reply, message?: string): void {
    response.raw.end(message);
  }
}

export const PLATFORMS = [
  ['Express', ExpressAdapter],
  ['Fastify', FastifyAdapter],
  ['Fastify of Nest 11', Nest11FastifyAdapter],
] as const;

export type Adapter = (typeof PLATFORMS)[number][1];

/** What the route `/thrown` throws. */
export const route: { throws: unknown } = { throws: undefined };

/** What the responses of Express and Fastify both have. */
type Response = NodeJS.WritableStream & {
  readonly raw?: NodeJS.WritableStream;
  header(name: string, value: string): unknown;
};

@Controller()
export class RegistrarController {
  constructor(@Inject(DokStampHttpService) private readonly http: DokStampHttpService) {}

  @Get('promise')
  async promise() {
    return (await this.http.axiosRef.get<object>('/certificates')).data;
  }

  @Get('observable')
  observable() {
    return this.http.get('/certificates');
  }

  @Get('diploma')
  async diploma(@Res({ passthrough: true }) response: Response) {
    response.header('Content-Type', 'application/pdf');
    return (await this.http.axiosRef.get<Buffer>('/files/x/download')).data;
  }

  @Get('unknown')
  async unknown() {
    return (await this.http.axiosRef.get<object>('/certificates/unknown')).data;
  }

  @Get('thrown')
  thrown(this: void) {
    throw route.throws;
  }

  @Get('begun')
  async begun(@Res() response: Response) {
    (response.raw ?? response).write('begun');
    await this.http.axiosRef.get('/certificates');
  }

  @Get('over')
  async over(@Res() response: Response) {
    (response.raw ?? response).end('over');
    await this.http.axiosRef.get('/certificates');
  }
}

@Injectable()
class CertificatesMiddleware implements NestMiddleware {
  constructor(@Inject(DokStampHttpService) private readonly http: DokStampHttpService) {}

  async use(
    request: { originalUrl?: string },
    response: NodeJS.WritableStream,
    next: () => void,
  ): Promise<void> {
    if (request.originalUrl === '/guarded/begun') response.write('begun');
    await this.http.axiosRef.get('/certificates');
    next();
  }
}

/** The filter for all routes. */
export const GLOBAL: Provider = { provide: APP_FILTER, useClass: DokStampExceptionFilter };

/** How an app uses the filter. */
export interface FilterUse {
  providers?: Provider[];
  controller?: Type;
  configure?: (app: INestApplication) => void;
}

/** An app that answers over HTTP. */
export interface FilteredApp extends AsyncDisposable {
  readonly app: INestApplication;
  /** The lines logged since the boot, as `level: message`. */
  readonly lines: string[];
  get(path: string, init?: RequestInit): Promise<FilteredAnswer>;
}

interface FilteredAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** Serves the routes above, with the filter for all of them by default. */
export async function serve(
  sandbox: DokStampSandbox,
  HttpAdapter: Adapter,
  { providers = [GLOBAL], controller = RegistrarController, configure }: FilterUse = {},
): Promise<FilteredApp> {
  @Module({
    imports: [DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'lazy' })],
    controllers: [controller],
    providers,
  })
  class HostModule {
    configure(consumer: MiddlewareConsumer) {
      consumer.apply(CertificatesMiddleware).forRoutes('guarded', 'guarded/begun');
    }
  }
  const testing = await Test.createTestingModule({ imports: [HostModule] }).compile();
  const lines: string[] = [];
  const app = testing.createNestApplication(new HttpAdapter(), { logger: loggerInto(lines) });
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  lines.length = 0;
  const url = await app.getUrl();
  return {
    app,
    lines,
    async get(path, init) {
      const response = await fetch(url + path, init);
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        retryAfter: response.headers.get('retry-after'),
        body: await response.text(),
      };
    },
    [Symbol.asyncDispose]: () => app.close(),
  };
}

/** A logger that adds each line to the list. */
export function loggerInto(lines: string[]): LoggerService {
  const into = (level: string) => (message: unknown) =>
    void lines.push(`${level}: ${String(message)}`);
  return {
    log: into('log'),
    error: into('error'),
    warn: into('warn'),
    debug: into('debug'),
    verbose: into('verbose'),
    fatal: into('fatal'),
  };
}

/** The answer to a request that failed because no token is available. */
export const unavailable = (code: DokStampErrorCode, retryAfter: string | null) => ({
  status: 503,
  type: 'application/json; charset=utf-8',
  retryAfter,
  body: `{"code":"${code}"}`,
});
