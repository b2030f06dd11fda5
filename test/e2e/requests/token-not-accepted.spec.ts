import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type DokStampError,
  type DokStampHttpService,
  DokStampModule,
  type TokenService,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import {
  UNAUTHENTICATED,
  accountAt,
  carriesTokenFrom,
  refuse,
  rejectionOf,
} from '../../support/stub-account.js';
import { type Answer, json, stubDokStamp } from '../../support/stub-server.js';
import { advance, freezeTime } from '../../support/time.js';

const byTenant: Answer = ({ headers }, response) =>
  headers['x-tenant'] === 'wrong' ? refuse(response) : json(response, 200, { data: [] });

const WRONG = { dokStamp: { tenant: 'wrong' } };

/** The warnings of a test. */
let warnings: string[];

beforeEach(() => {
  freezeTime();
  warnings = [];
});

function collectWarnings(): void {
  Logger.overrideLogger({ log() {}, error() {}, warn: (line: string) => void warnings.push(line) });
}

describe('a 401 that no new token cures', () => {
  it('has a cause with the code token_not_accepted that names the tenant', async () => {
    await using api = await stubDokStamp(byTenant);
    await using account = await accountAt(api);
    for (let call = 0; call < 2; call++) {
      expect(await rejectionOf(account.http.axiosRef.get('/x', WRONG))).toMatchObject({
        isAxiosError: true,
        response: { status: 401, data: UNAUTHENTICATED },
        cause: { code: 'token_not_accepted', message: expect.stringContaining('"wrong"') },
      });
    }
  });

  it('is logged once per tenant until a replay is accepted', async () => {
    let acceptedFrom = Infinity;
    await using api = await stubDokStamp((request, response) =>
      carriesTokenFrom(acceptedFrom, request)
        ? json(response, 200, {})
        : byTenant(request, response),
    );
    await using account = await accountAt(api);
    const { axiosRef } = account.http;
    collectWarnings();
    await rejectionOf(axiosRef.get('/x', WRONG));
    await rejectionOf(axiosRef.get('/x', WRONG));
    expect(warnings).toEqual([expect.stringContaining('"wrong"')]);
    acceptedFrom = api.tokenRequests + 1;
    await advance(5_000);
    await axiosRef.get('/x', WRONG);
    acceptedFrom = Infinity;
    await advance(5_000);
    await rejectionOf(axiosRef.get('/x', WRONG));
    await rejectionOf(axiosRef.get('/x', WRONG));
    expect(warnings).toHaveLength(2);
  });

  it('is logged for each of two tenants', async () => {
    await using api = await stubDokStamp((_, response) => refuse(response));
    await using account = await accountAt(api);
    collectWarnings();
    for (const tenant of ['one', 'two', 'one', 'two']) {
      await rejectionOf(account.http.axiosRef.get('/x', { dokStamp: { tenant } }));
    }
    expect(warnings).toEqual([expect.stringContaining('"one"'), expect.stringContaining('"two"')]);
  });
});

describe('the errors of an account with a name', () => {
  it('have the name as `account` and in the message', async () => {
    await using api = await stubDokStamp(byTenant);
    const options = { baseURL: api.url, clientId: 'id', clientSecret: 'secret-1' };
    await using app = await boot({
      imports: [DokStampModule.forRoot({ ...options, name: 'eu', startup: 'lazy' })],
    });
    const { axiosRef } = app.get<DokStampHttpService>(getDokStampHttpToken('eu'));
    const refused = await rejectionOf<{ cause: DokStampError }>(axiosRef.get('/x', WRONG));
    const errors = [
      refused.cause,
      await rejectionOf<DokStampError>(axiosRef.get('/x')),
      await rejectionOf<DokStampError>(axiosRef.get('/x', { dokStamp: { tenant: 'a\nb' } })),
    ];
    const tokens = app.get<TokenService>(getTokenServiceToken('eu'));
    await app.close();
    errors.push(await rejectionOf<DokStampError>(tokens.getToken()));
    expect(errors.map(({ code }) => code)).toEqual([
      'token_not_accepted',
      'tenant_missing',
      'tenant_invalid',
      'closed',
    ]);
    for (const error of errors) {
      expect(error).toMatchObject({ account: 'eu', message: expect.stringMatching(/^\[eu\] /) });
    }
  });
});
