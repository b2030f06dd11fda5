import { describe, expect, it } from 'vitest';
import type { DokStampOptions, DokStampRequestOptions } from '../../lib/index.js';
import { type TestApp, bootAccount } from '../support/app.js';
import { json, stubDokStamp } from '../support/stub-server.js';

type Stub = Awaited<ReturnType<typeof stubDokStamp>>;

const account = (stub: Stub, more: DokStampOptions = {}) =>
  bootAccount({
    baseURL: stub.url,
    clientId: 'id',
    clientSecret: 'secret-1',
    startup: 'lazy',
    tenant: 'uni',
    ...more,
  });

/** What arrived of the last API request. */
const arrived = (stub: Stub) =>
  stub.seen.filter(({ url }) => url !== '/oauth/token').at(-1)?.headers;

async function send(
  app: TestApp,
  config: { headers?: Record<string, string>; dokStamp?: DokStampRequestOptions },
) {
  return app.http.axiosRef.get('/certificates', config);
}

describe('headers', () => {
  it('are Authorization, X-Tenant, Accept and a User-Agent that names the package', async () => {
    await using stub = await stubDokStamp();
    await using app = await account(stub);
    await send(app, {});
    expect(arrived(stub)).toMatchObject({
      authorization: 'Bearer token_1',
      'x-tenant': 'uni',
      accept: 'application/json',
      'user-agent': expect.stringMatching(/^nestjs-dokstamp\/\d/),
    });
  });

  it('take X-Tenant from the own header, then dokStamp.tenant, then the option', async () => {
    await using stub = await stubDokStamp();
    await using app = await account(stub);
    await send(app, { headers: { 'x-tenant': 'own' }, dokStamp: { tenant: 'request' } });
    expect(arrived(stub)).toMatchObject({ 'x-tenant': 'own' });
    await send(app, { dokStamp: { tenant: 'request' } });
    expect(arrived(stub)).toMatchObject({ 'x-tenant': 'request' });
  });

  it('ask the tenant function for each request', async () => {
    await using stub = await stubDokStamp();
    let nth = 0;
    await using app = await account(stub, { tenant: () => `uni-${++nth}` });
    await send(app, {});
    await send(app, {});
    expect(arrived(stub)).toMatchObject({ 'x-tenant': 'uni-2' });
  });

  it('leave Accept and User-Agent to a request that sets them', async () => {
    await using stub = await stubDokStamp();
    await using app = await account(stub);
    await send(app, { headers: { accept: 'application/pdf', 'user-agent': 'mine/1' } });
    expect(arrived(stub)).toMatchObject({ accept: 'application/pdf', 'user-agent': 'mine/1' });
  });

  it('keep an Authorization of its own, add tenant and Accept, and let its 401 be', async () => {
    await using stub = await stubDokStamp((_, response) =>
      json(response, 401, { message: 'Unauthenticated.' }),
    );
    await using app = await account(stub);
    const call = send(app, { headers: { Authorization: 'Bearer theirs' } });
    await expect(call).rejects.toMatchObject({ response: { status: 401 } });
    expect(arrived(stub)).toMatchObject({
      authorization: 'Bearer theirs',
      'x-tenant': 'uni',
      accept: 'application/json',
    });
    expect(stub.seen).toHaveLength(1);
  });

  it('leave Basic authentication by config.auth alone', async () => {
    await using stub = await stubDokStamp();
    await using app = await account(stub);
    await app.http.axiosRef.get('/certificates', { auth: { username: 'a', password: 'b' } });
    expect(arrived(stub)).toMatchObject({ authorization: `Basic ${btoa('a:b')}` });
    expect(stub.tokenRequests).toBe(0);
  });

  it('are neither token nor tenant with skipAuth', async () => {
    await using stub = await stubDokStamp();
    await using app = await account(stub);
    await send(app, { dokStamp: { skipAuth: true } });
    expect(arrived(stub)).not.toHaveProperty('authorization');
    expect(arrived(stub)).not.toHaveProperty('x-tenant');
    expect(stub.tokenRequests).toBe(0);
  });

  it.each([
    ['none at all', undefined],
    ['a function that gives none', () => undefined],
    ['a function that gives a blank', () => '  '],
    [
      'a function that throws',
      () => {
        throw new Error('no context');
      },
    ],
  ])('reject with tenant_missing before anything is sent: %s', async (_, tenant) => {
    await using stub = await stubDokStamp();
    await using app = await account(stub, { tenant });
    await expect(send(app, {})).rejects.toMatchObject({
      code: 'tenant_missing',
      message: expect.stringContaining('/certificates'),
    });
    expect(stub.seen).toEqual([]);
  });

  it.each(['a\r\nb', 'unì\u2603', '\u0000'])(
    'reject with tenant_invalid before anything is sent: %j',
    async (tenant) => {
      await using stub = await stubDokStamp();
      await using app = await account(stub, { tenant: () => tenant });
      await expect(send(app, {})).rejects.toMatchObject({ code: 'tenant_invalid' });
      expect(stub.seen).toEqual([]);
    },
  );

  it.each([
    '/auth/me',
    '/files/0b7e/download',
    'auth/logout',
    '/x/../auth/me',
    '/files/./0b7e/download?v=1',
  ])('may go without a tenant to %s', async (url) => {
    await using stub = await stubDokStamp();
    await using app = await account(stub, { tenant: undefined });
    await app.http.axiosRef.get(url);
    expect(arrived(stub)).toMatchObject({ authorization: 'Bearer token_1' });
    expect(arrived(stub)).not.toHaveProperty('x-tenant');
  });

  it.each([
    '/auth/../certificates',
    '/auth/..%2Fcertificates',
    '/auth/%252e%252e%5ccertificates',
    '/authors',
    '/files/0b7e/download/x',
    '/files/a/b/download',
    '/auth',
  ])('may not go without a tenant to %s', async (url) => {
    await using stub = await stubDokStamp();
    await using app = await account(stub, { tenant: undefined });
    await expect(app.http.axiosRef.get(url)).rejects.toMatchObject({ code: 'tenant_missing' });
  });

  it('send nothing when no token can be had', async () => {
    await using stub = await stubDokStamp(undefined, 'nonsense');
    await using app = await account(stub);
    await expect(send(app, {})).rejects.toMatchObject({ code: 'token_response_invalid' });
    expect(arrived(stub)).toBeUndefined();
  });
});
