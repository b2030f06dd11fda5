import { beforeEach, describe, expect, it } from 'vitest';
import type { DokStampOptions } from '../../../lib/index.js';
import { accountsApp, api, setUp } from '../../support/accounts-app.js';
import { deferred } from '../../support/deferred.js';
import { rejectionOf } from '../../support/stub-account.js';
import { advance, waitUntil } from '../../support/time.js';

beforeEach(setUp);

describe('resolve', () => {
  it.each<[string, () => Promise<never>]>([
    [
      'throws',
      () => {
        throw new TypeError('no connection');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('no connection'))],
    ['rejects with a string', () => Promise.reject('no connection')],
  ])(
    'makes get() reject with credentials_unavailable if it %s, and is called again by the next get()',
    async (_, fail) => {
      await using app = await accountsApp({
        resolve: (key) => (app.resolve.mock.calls.length === 1 ? fail() : api.optionsOf(key)),
      });
      await expect(app.accounts.get('porto')).rejects.toMatchObject({
        code: 'credentials_unavailable',
        account: 'porto',
        message: expect.stringContaining('resolve'),
      });
      expect(app.accounts.size).toBe(0);
      expect(await app.call('porto')).toBe('porto');
      expect(app.resolve).toHaveBeenCalledTimes(2);
    },
  );

  it('makes get() reject with credentials_unavailable if it has not answered within tokenTimeout', async () => {
    const late = deferred<DokStampOptions>();
    await using app = await accountsApp({
      tokenTimeout: 5_000,
      resolve: (key) => (app.resolve.mock.calls.length === 1 ? late.promise : api.optionsOf(key)),
    });
    const errors: unknown[] = [];
    const waiting = [app.accounts.get('porto'), app.accounts.get('porto')].map(async (call) =>
      errors.push(await rejectionOf(call)),
    );
    await advance(4_999);
    expect(errors).toEqual([]);
    await advance(1);
    await Promise.all(waiting);
    const unavailable = { code: 'credentials_unavailable', account: 'porto' };
    expect(errors).toMatchObject([unavailable, unavailable]);
    expect(await app.call('lisboa')).toBe('lisboa');
    late.reject(new Error('the database is not available'));
    expect(await app.call('porto')).toBe('porto');
    expect(app.resolve.mock.calls).toEqual([['porto'], ['lisboa'], ['porto']]);
  });

  it.each([
    ['the account that it is to return', 'porto'],
    ['another account, whose resolve requests the first one', 'lisboa'],
  ])('makes get() reject after tokenTimeout if it waits for %s', async (_, other) => {
    await using app = await accountsApp({
      tokenTimeout: 5_000,
      resolve: async (key): Promise<DokStampOptions> => {
        await app.accounts.get(key === 'porto' ? other : 'porto');
        return api.optionsOf(key);
      },
    });
    const rejection = rejectionOf(app.accounts.get('porto'));
    await advance(5_000);
    expect(await rejection).toMatchObject({ code: 'credentials_unavailable' });
    expect(app.resolve.mock.calls.map(([key]) => key)).toEqual([...new Set(['porto', other])]);
  });

  it('is called again by a get() after delete(), which does not take the earlier answer', async () => {
    const answers = [deferred<DokStampOptions>(), deferred<DokStampOptions>()];
    await using app = await accountsApp({
      resolve: () => answers[app.resolve.mock.calls.length - 1]!.promise,
    });
    const before = app.accounts.get('porto');
    await waitUntil(() => app.resolve.mock.calls.length === 1);
    answers[0]!.resolve(api.optionsOf('porto'));
    api.rotate('porto');
    answers[1]!.resolve(api.optionsOf('porto'));
    await app.accounts.delete('porto');
    const after = await Promise.all([app.accounts.get('porto'), app.accounts.get('porto')]);
    expect(app.resolve).toHaveBeenCalledTimes(2);
    expect(after[1]).toBe(after[0]);
    expect(await before).not.toBe(after[0]);
    expect((await after[0].http.axiosRef.get('/certificates')).status).toBe(200);
    expect(app.resolve).toHaveBeenCalledTimes(2);
  });

  it('makes a waiting get() reject with closed when the app closes', async () => {
    const app = await accountsApp({ resolve: () => deferred<never>().promise });
    const waiting = rejectionOf(app.accounts.get('porto'));
    await app.close();
    expect(await waiting).toMatchObject({ code: 'closed' });
  });
});
