import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DokStampError, DokStampOptions } from '../../../lib/index.js';
import { accountAt, apiRequests, rejectionOf } from '../../support/stub-account.js';
import { type StubServer, stubDokStamp } from '../../support/stub-server.js';

let api: StubServer;
let unhandled: unknown[];
const note = (reason: unknown) => unhandled.push(reason);

beforeEach(async () => {
  api = await stubDokStamp();
  unhandled = [];
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  process.off('unhandledRejection', note);
  await api[Symbol.asyncDispose]();
});

describe('a tenant function that returns a promise', () => {
  const TENANTS: [string, () => Promise<string>][] = [
    ['that resolves', async () => 'my-university'],
    ['that rejects', async () => Promise.reject(new Error('of the app'))],
    [
      'that rejects later',
      async () => setImmediate().then(() => Promise.reject(new Error('late'))),
    ],
  ];

  it.each(TENANTS)('rejects the call with tenant_invalid: %s', async (_, tenant) => {
    // @ts-expect-error a tenant function returns a string
    const options: DokStampOptions = { tenant };
    await using app = await accountAt(api, options);
    const error = await rejectionOf<DokStampError>(app.http.axiosRef.get('/certificates'));
    expect(error).toMatchObject({ code: 'tenant_invalid', retryable: false });
    expect(error.message).toContain('The tenant function must return a string, not a promise.');
    expect(apiRequests(api)).toEqual([]);
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    expect(unhandled).toEqual([]);
  });

  it('does not reject a request that has a tenant of its own', async () => {
    // @ts-expect-error a tenant function returns a string
    const options: DokStampOptions = { tenant: async () => 'my-university' };
    await using app = await accountAt(api, options);
    await app.http.axiosRef.get('/certificates', { dokStamp: { tenant: 'of-the-request' } });
    expect(apiRequests(api)[0]?.headers).toMatchObject({ 'x-tenant': 'of-the-request' });
  });
});
