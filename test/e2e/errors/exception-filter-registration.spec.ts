import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Inject,
  NotFoundException,
  UseFilters,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DokStampError, DokStampExceptionFilter } from '../../../lib/index.js';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import {
  type FilterUse,
  GLOBAL,
  PLATFORMS,
  RegistrarController,
  route,
  serve,
  unavailable,
} from '../../support/filtered-app.js';

let sandbox: DokStampSandbox;

beforeAll(async () => {
  sandbox = await DokStampSandbox.start();
});

beforeEach(() => {
  route.throws = new DokStampError('closed', 'The application has shut down.');
});

afterAll(() => sandbox.stop());

@UseFilters(DokStampExceptionFilter)
@Controller()
class FilteredController extends RegistrarController {}

@Catch()
class EverythingFilter implements ExceptionFilter {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  catch(_: unknown, host: ArgumentsHost) {
    this.host.httpAdapter.reply(host.getArgByIndex(1), 'mine', 418);
  }
}

@Catch()
class ExtendedFilter extends DokStampExceptionFilter {}

const BY_NEST = { status: 404, body: '{"message":"Not Found","statusCode":404}' };
const BY_THE_APP = { status: 418, body: 'mine' };

const USES: [string, FilterUse, object][] = [
  [
    'by useGlobalFilters with the adapter',
    {
      providers: [],
      configure: (app) => app.useGlobalFilters(new DokStampExceptionFilter(app.getHttpAdapter())),
    },
    BY_NEST,
  ],
  [
    'by useGlobalFilters as a provider',
    {
      providers: [DokStampExceptionFilter],
      configure: (app) => app.useGlobalFilters(app.get(DokStampExceptionFilter)),
    },
    BY_NEST,
  ],
  ['by its class, for one controller', { providers: [], controller: FilteredController }, BY_NEST],
  [
    "beside the app's own filters",
    { providers: [{ provide: APP_FILTER, useClass: EverythingFilter }, GLOBAL] },
    BY_THE_APP,
  ],
  [
    'as the base of a filter that catches everything',
    { providers: [{ provide: APP_FILTER, useClass: ExtendedFilter }] },
    BY_NEST,
  ],
];

describe.each(PLATFORMS.slice(0, 2))('on %s, DokStampExceptionFilter', (_, Adapter) => {
  it.each(USES)('can be registered %s', async (__, use, byOthers) => {
    await using host = await serve(sandbox, Adapter, use);
    expect(await host.get('/thrown')).toEqual(unavailable('closed', null));
    route.throws = new NotFoundException();
    expect(await host.get('/thrown')).toMatchObject(byOthers);
  });

  it('answers 500 and logs the remedy if it has no adapter', async () => {
    await using host = await serve(sandbox, Adapter, {
      providers: [],
      configure: (app) => app.useGlobalFilters(new DokStampExceptionFilter()),
    });
    expect(await host.get('/thrown')).toMatchObject({ status: 500 });
    expect(host.lines.join('\n')).toContain('new DokStampExceptionFilter(app.getHttpAdapter())');
  });
});
