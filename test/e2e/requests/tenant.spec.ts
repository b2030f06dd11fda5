import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DokStampError, type DokStampRequestOptions } from '../../../lib/index.js';
import type { TestApp } from '../../support/app.js';
import { accountAt, apiRequests, rejectionOf } from '../../support/stub-account.js';
import { type StubDokStamp, stubDokStamp } from '../../support/stub-server.js';

let api: StubDokStamp;
let account: TestApp;
let withoutTenant: TestApp;

/** The `tenant` option of the first account. */
let tenant: () => string | undefined;

beforeAll(async () => {
  api = await stubDokStamp();
  account = await accountAt(api, { tenant: () => tenant() });
  withoutTenant = await accountAt(api, { tenant: undefined });
  await account.tokens.getToken();
  await withoutTenant.tokens.getToken();
});

beforeEach(() => {
  tenant = () => 'of-the-option';
  api.seen.length = 0;
});

afterAll(async () => {
  await account[Symbol.asyncDispose]();
  await withoutTenant[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

type Config = { headers?: Record<string, string>; dokStamp?: DokStampRequestOptions };

/** Sends a GET and returns the tenant that the API received. */
async function tenantSent(config: Config = {}) {
  await account.http.axiosRef.get('/certificates', config);
  return apiRequests(api).at(-1)?.headers['x-tenant'];
}

/** The error of a GET that is not sent. */
async function refusedLocally(config: Config = {}, from = account) {
  const error = await rejectionOf<DokStampError>(from.http.axiosRef.get('/certificates', config));
  expect(api.seen).toEqual([]);
  return error;
}

describe('the tenant of a request', () => {
  it("is the one of the request's own header, then of dokStamp.tenant, then of the option", async () => {
    const headers = { 'x-tenant': 'own' };
    const dokStamp = { tenant: 'of-the-request' };
    expect(await tenantSent({ headers, dokStamp })).toBe('own');
    expect(await tenantSent({ dokStamp })).toBe('of-the-request');
    expect(await tenantSent()).toBe('of-the-option');
  });

  it('is requested from the tenant function for each request', async () => {
    let calls = 0;
    tenant = () => `tenant-${++calls}`;
    expect([await tenantSent(), await tenantSent()]).toEqual(['tenant-1', 'tenant-2']);
  });

  it.each<[string, () => string | undefined]>([
    ['undefined', () => undefined],
    ['blank text', () => '  '],
  ])('is missing if the tenant function returns %s', async (_, option) => {
    tenant = option;
    expect(await refusedLocally()).toMatchObject({
      code: 'tenant_missing',
      message: expect.stringContaining('/certificates'),
    });
  });

  it.each([new Error('no context'), new DokStampError('closed', 'Another one.')])(
    'is missing if the tenant function throws: %s',
    async (thrown) => {
      tenant = () => {
        throw thrown;
      };
      expect(await refusedLocally()).toMatchObject({ code: 'tenant_missing', cause: thrown });
    },
  );

  it('is missing without an option', async () => {
    expect(await refusedLocally({}, withoutTenant)).toMatchObject({
      code: 'tenant_missing',
      message: expect.stringContaining('/certificates'),
    });
  });

  it('is missing if the header of the request is blank', async () => {
    const headers = { 'X-Tenant': ' ' };
    expect(await refusedLocally({ headers })).toMatchObject({ code: 'tenant_missing' });
    await account.http.axiosRef.get('/auth/me', { headers });
    expect(apiRequests(api).map((request) => request.headers['x-tenant'])).toEqual([undefined]);
  });

  it.each(['a\r\nb', 'unì\u2603', '\u0000'])(
    'is invalid if no header may carry it: %j',
    async (value) => {
      tenant = () => value;
      expect(await refusedLocally()).toMatchObject({ code: 'tenant_invalid' });
      const dokStamp = { tenant: value };
      expect(await refusedLocally({ dokStamp })).toMatchObject({ code: 'tenant_invalid' });
    },
  );
});

describe('a request without a tenant', () => {
  it.each([
    '/auth/me',
    '/auth/a/b',
    '/files/0b7e-2/download',
    'auth/logout',
    '/x/../auth/me',
    '/files/./0b7e/download?v=1',
  ])('is sent to %s', async (url) => {
    await withoutTenant.http.axiosRef.get(url);
    const headers = apiRequests(api).at(-1)?.headers;
    expect(headers).toMatchObject({ authorization: expect.stringMatching(/^Bearer token_/) });
    expect(headers).not.toHaveProperty('x-tenant');
  });

  it.each([
    '/auth/../certificates',
    '/auth/..%2Fcertificates',
    '/auth/%252e%252e%5ccertificates',
    '/auth',
    '/auth/',
    '/authors',
    '/x/auth/me',
    '/files/download',
    '/files/0b7e/download/x',
    '/files/a/b/download',
  ])('is not sent to %s', async (url) => {
    const error = await rejectionOf(withoutTenant.http.axiosRef.get(url));
    expect(error).toMatchObject({ code: 'tenant_missing' });
    expect(api.seen).toEqual([]);
  });
});
