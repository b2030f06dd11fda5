import { Agent } from 'node:http';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DokStampOptions } from '../../../lib/index.js';
import { accountsApp, api, setUp } from '../../support/accounts-app.js';
import { MapTokenStore } from '../../support/map-token-store.js';
import { rejectionOf } from '../../support/stub-account.js';
import { advance, settle, waitUntil } from '../../support/time.js';
import { universities } from '../../support/universities.js';

beforeEach(setUp);

describe('an account whose credentials are refused', () => {
  it('calls resolve again, and no request fails if that returns other credentials', async () => {
    await using app = await accountsApp();
    await app.call('porto');
    api.rotate('porto');
    expect(await app.call('porto')).toBe('porto');
    expect(app.resolve).toHaveBeenCalledTimes(2);
  });

  it('calls resolve again, although resolve returned a credentials function', async () => {
    await using app = await accountsApp({
      resolve: (key) => {
        const { tenant, ...credentials } = api.optionsOf(key);
        return { tenant, credentials: () => credentials };
      },
    });
    await app.call('porto');
    api.rotate('porto');
    expect(await app.call('porto')).toBe('porto');
    expect(app.resolve).toHaveBeenCalledTimes(2);
  });

  it('calls the earlier credentials function if resolve throws', async () => {
    let credentials = api.optionsOf('porto');
    await using app = await accountsApp({
      resolve: () => {
        if (app.resolve.mock.calls.length > 1) throw new Error('the database is not available');
        return { tenant: 'tenant-porto', credentials: () => credentials };
      },
    });
    await app.call('porto');
    api.rotate('porto');
    await expect(app.call('porto')).rejects.toMatchObject({ code: 'invalid_client' });
    credentials = api.optionsOf('porto');
    await advance(1_000);
    expect(await app.call('porto')).toBe('porto');
    expect(app.resolve.mock.calls.length).toBeGreaterThan(1);
  });

  it('calls resolve once for each attempt', async () => {
    const refused = api.optionsOf('porto');
    api.rotate('porto');
    await using app = await accountsApp({ resolve: () => refused });
    const { tokens } = await app.accounts.get('porto');
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'invalid_client' });
    expect(app.resolve).toHaveBeenCalledTimes(2);
    await advance(30_000, 10_000);
    await waitUntil(() => api.tokenRequestsOf('porto') === 2);
    await waitUntil(() => tokens.status.blockedUntil !== undefined);
    expect(app.resolve).toHaveBeenCalledTimes(3);
  });

  it('calls resolve at most once a second', async () => {
    const refused = api.optionsOf('porto');
    api.rotate('porto');
    await using app = await accountsApp({ resolve: () => refused });
    const fail = async (times: number) => {
      for (let call = 0; call < times; call++) {
        await expect(app.call('porto')).rejects.toMatchObject({ code: 'invalid_client' });
      }
    };
    await fail(10);
    expect(app.resolve).toHaveBeenCalledTimes(2);
    await advance(999);
    await fail(10);
    expect(app.resolve).toHaveBeenCalledTimes(2);
    await advance(1);
    await fail(10);
    expect(app.resolve).toHaveBeenCalledTimes(3);
    expect(api.tokenRequestsOf('porto')).toBe(1);
  });

  it('succeeds after delete() and get(), which call resolve again', async () => {
    await using app = await accountsApp({ resolve: async (key) => api.optionsOf(key) });
    const { http } = await app.accounts.get('porto');
    await app.call('porto');
    api.rotate('porto');
    const call = http.axiosRef.get('/certificates');
    await waitUntil(() => app.resolve.mock.calls.length === 2);
    await app.accounts.delete('porto');
    expect(await app.call('porto')).toBe('porto');
    expect((await call).status).toBe(200);
    expect(app.resolve).toHaveBeenCalledTimes(3);
  });
});

describe('an account whose token is revoked', () => {
  it('does not call resolve', async () => {
    await using app = await accountsApp();
    await app.call('porto');
    api.revoke('porto');
    expect(await app.call('porto')).toBe('porto');
    expect(app.resolve).toHaveBeenCalledTimes(1);
  });

  it('calls its credentials function before the token request, but not resolve', async () => {
    const credentials = vi.fn(() => api.optionsOf('porto'));
    await using app = await accountsApp({
      resolve: () => ({ tenant: 'tenant-porto', credentials }),
    });
    await app.call('porto');
    api.revoke('porto');
    await app.call('porto');
    expect(credentials).toHaveBeenCalledTimes(2);
    expect(app.resolve).toHaveBeenCalledTimes(1);
  });
});

describe('an account whose options changed when its credentials were refused', () => {
  it('is replaced at the next get() if the tenant changed', async () => {
    let row = api.optionsOf('porto');
    await using app = await accountsApp({ resolve: () => row });
    await app.call('u');
    row = api.optionsOf('lisboa');
    api.rotate('porto');
    // This request carries the earlier tenant.
    await rejectionOf(app.call('u'));
    expect(await app.call('u')).toBe('lisboa');
    const { tenant, owner } = api.calls.at(-1)!;
    expect([tenant, owner]).toEqual(['tenant-lisboa', 'lisboa']);
  });

  it('is replaced if the base URL changed, and the earlier URL does not receive the new secret', async () => {
    await using other = await universities();
    let row: DokStampOptions = api.optionsOf('porto');
    await using app = await accountsApp({ resolve: () => row });
    await app.call('u');
    row = { ...other.optionsOf('lisboa'), baseURL: other.url };
    api.rotate('porto');
    await expect(app.call('u')).rejects.toMatchObject({ code: 'invalid_client' });
    expect(await app.call('u')).toBe('lisboa');
    expect(api.tokenRequestsOf('lisboa')).toBe(0);
    expect(api.calls.every(({ tenant }) => tenant === 'tenant-porto')).toBe(true);
  });

  it.each<[string, () => DokStampOptions]>([
    ['tokenTimeout', () => ({ tokenTimeout: 5_000 })],
    ['an axios default', () => ({ http: { headers: { 'x-customer': 'yes' } } })],
    ['an agent', () => ({ http: { httpAgent: new Agent() } })],
    ['the token store', () => ({ tokenStore: new MapTokenStore() })],
  ])('is replaced at the next get() if %s changed, and no request fails', async (_, changes) => {
    let changed: DokStampOptions = {};
    await using app = await accountsApp({
      resolve: () => ({ ...api.optionsOf('porto'), ...changed }),
    });
    await app.call('u');
    const { http } = await app.accounts.get('u');
    changed = changes();
    api.rotate('porto');
    expect(await app.call('u')).toBe('porto');
    expect(app.events.filter(({ type }) => type === 'issued')).toHaveLength(2);
    expect((await app.accounts.get('u')).http).not.toBe(http);
    expect(await app.call('u')).toBe('porto');
    expect((await http.axiosRef.get('/certificates')).status).toBe(200);
    expect(app.resolve).toHaveBeenCalledTimes(3);
  });

  it('is not replaced while resolve returns the refused credentials', async () => {
    const refused = api.optionsOf('porto');
    api.rotate('porto');
    await using app = await accountsApp({
      resolve: () => ({ ...refused, http: { httpAgent: new Agent() } }),
    });
    for (let calls = 0; calls < 10; calls++) await rejectionOf(app.call('porto'));
    expect(api.tokenRequestsOf('porto')).toBe(1);
    expect(app.accounts.has('porto')).toBe(true);
  });

  it.each([
    ['account_unknown', undefined],
    ['config_invalid', { clientId: 'porto', clientSecret: 'x', tenant: ' ' }],
  ])('is removed, and get() rejects with %s, if resolve returns %j', async (code, given) => {
    let row: DokStampOptions | undefined = api.optionsOf('porto');
    await using app = await accountsApp({ resolve: () => row });
    await app.call('u');
    row = given;
    api.rotate('porto');
    await rejectionOf(app.call('u'));
    await expect(app.accounts.get('u')).rejects.toMatchObject({ code, account: 'u' });
    await waitUntil(() => app.accounts.size === 0);
    row = api.optionsOf('porto');
    expect(await app.call('u')).toBe('porto');
  });

  it.each<[string, () => DokStampOptions | undefined, RegExp]>([
    ['returns undefined', () => undefined, /resolve/],
    ['returns wrong options', () => ({ clientId: 'u' }), /clientSecret/],
    [
      'throws',
      () => {
        throw new RangeError('no connection');
      },
      /resolve/,
    ],
  ])(
    'rejects with credentials_unavailable at the next attempt if resolve %s',
    async (_, later, cause) => {
      let resolve = (): DokStampOptions | undefined => api.optionsOf('porto');
      await using app = await accountsApp({ resolve: () => resolve() });
      const { tokens } = await app.accounts.get('u');
      await tokens.getToken();
      resolve = later;
      api.rotate('porto');
      await expect(tokens.renew()).rejects.toMatchObject({ code: 'invalid_client' });
      await advance(31_000, 10_000);
      await expect(settle(tokens.renew())).rejects.toMatchObject({
        code: 'credentials_unavailable',
        account: 'u',
        message: expect.stringMatching(cause),
      });
    },
  );
});
