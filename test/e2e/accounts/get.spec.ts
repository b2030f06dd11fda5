import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Logger } from '@nestjs/common';
import { DokStampHttpService, type DokStampOptions, TokenService } from '../../../lib/index.js';
import { accountsApp, api, setUp } from '../../support/accounts-app.js';
import { deferred } from '../../support/deferred.js';
import { rejectionOf } from '../../support/stub-account.js';

beforeEach(setUp);

describe('accounts.get()', () => {
  it('returns the account of a key, whose requests carry its own token and tenant', async () => {
    await using app = await accountsApp();
    const porto = await app.accounts.get('porto');
    expect(porto.key).toBe('porto');
    expect(porto.http).toBeInstanceOf(DokStampHttpService);
    expect(porto.tokens).toBeInstanceOf(TokenService);
    expect(await app.call('porto')).toBe('porto');
    expect(await app.call('lisboa')).toBe('lisboa');
    expect(api.calls).toEqual([
      { tenant: 'tenant-porto', owner: 'porto', isAccepted: true },
      { tenant: 'tenant-lisboa', owner: 'lisboa', isAccepted: true },
    ]);
    expect(app.accounts.size).toBe(2);
    expect(app.kept('porto', 'faro')).toEqual(['porto']);
  });

  it('calls resolve once for 50 concurrent calls, and not again while the account is kept', async () => {
    const row = deferred<DokStampOptions>();
    await using app = await accountsApp({ resolve: () => row.promise });
    const calls = Array.from({ length: 50 }, () => app.accounts.get('porto'));
    row.resolve(api.optionsOf('porto'));
    expect(new Set(await Promise.all(calls)).size).toBe(1);
    await Promise.all(calls.map(() => app.call('porto')));
    expect(app.resolve.mock.calls).toEqual([['porto']]);
    expect(api.tokenRequestsOf('porto')).toBe(1);
  });

  it('requests no token before the account is used', async () => {
    await using app = await accountsApp();
    const { tokens } = await app.accounts.get('porto');
    await app.call('lisboa');
    expect(tokens.status).toEqual({ state: 'absent' });
    expect([...api.tokenRequests]).toEqual([['lisboa', 1]]);
  });

  it.each<unknown>([undefined, null, '', 7, {}])(
    'rejects with a DokStampConfigError for the key %j, as delete() does',
    async (key) => {
      await using app = await accountsApp();
      // @ts-expect-error JavaScript callers may pass any value.
      const get = async () => app.accounts.get(key);
      // @ts-expect-error JavaScript callers may pass any value.
      const remove = async () => app.accounts.delete(key);
      await expect(get()).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining('get(key)'),
      });
      await expect(remove()).rejects.toMatchObject({ code: 'config_invalid' });
    },
  );
});

describe('what resolve returns', () => {
  it.each([undefined, null])('is account_unknown if it is %s', async (nothing) => {
    await using app = await accountsApp({ resolve: () => nothing });
    await expect(app.accounts.get('nowhere')).rejects.toMatchObject({
      code: 'account_unknown',
      account: 'nowhere',
    });
    expect(app.accounts.size).toBe(0);
  });

  it('is a DokStampConfigError that names the account if its options are wrong', async () => {
    await using app = await accountsApp({ resolve: () => ({ clientId: 'id' }) });
    await expect(app.accounts.get('porto')).rejects.toMatchObject({
      name: 'DokStampConfigError',
      code: 'config_invalid',
      account: 'porto',
      faults: [expect.stringContaining('clientSecret')],
    });
  });

  it('is checked for startup too, although no account requests a token when it is made', async () => {
    const startups = new Map<string, unknown>([['lisboa', 'required']]);
    await using app = await accountsApp({
      // @ts-expect-error JavaScript callers may return any startup.
      resolve: (key) => ({ ...api.optionsOf(key), startup: startups.get(key) ?? 'soon' }),
    });
    await expect(app.accounts.get('porto')).rejects.toMatchObject({
      faults: [expect.stringContaining('startup')],
    });
    await app.accounts.get('lisboa');
    expect(api.tokenRequests.size).toBe(0);
  });

  it.each([undefined, null])('leaves the shared option in place if its own is %s', async (none) => {
    const names = ['baseURL', 'tenant', 'tokenStore', 'http', 'credentials'];
    const nothings = Object.fromEntries(names.map((name) => [name, none]));
    await using app = await accountsApp({
      tenant: 'tenant-porto',
      http: { headers: { 'x-shared': 'yes' } },
      resolve: (key) => ({ ...api.optionsOf(key), ...nothings }),
    });
    const { http } = await app.accounts.get('porto');
    expect(http.axiosRef.defaults.baseURL).toBe(api.url);
    expect(http.axiosRef.defaults.headers).toMatchObject({ 'x-shared': 'yes' });
    expect(await app.call('porto')).toBe('porto');
    expect(api.calls).toEqual([{ tenant: 'tenant-porto', owner: 'porto', isAccepted: true }]);
  });

  it('precedes the shared options', async () => {
    await using app = await accountsApp({
      baseURL: 'https://shared.example',
      tenant: 'shared',
      resolve: (key) => ({ ...api.optionsOf(key), baseURL: api.url }),
    });
    expect(await app.call('porto')).toBe('porto');
  });

  it('may be an instance with accessors', async () => {
    class Row {
      readonly #secret: string;
      constructor(readonly clientId: string) {
        this.#secret = api.optionsOf(clientId).clientSecret;
      }
      get clientSecret() {
        return this.#secret;
      }
      get tenant() {
        return `tenant-${this.clientId}`;
      }
    }
    await using app = await accountsApp({ resolve: (key) => new Row(key) });
    expect(await app.call('porto')).toBe('porto');
    api.rotate('porto');
    expect(await app.call('porto')).toBe('porto');
  });
});

describe('the name of an account in errors and log lines', () => {
  it('is its key, in one line of at most 100 characters', async () => {
    await using app = await accountsApp({ resolve: () => undefined });
    const error = await rejectionOf(app.accounts.get(`a\nERROR forged\u2028${'x'.repeat(200)}`));
    expect(error.message).toMatch(/^\[a ERROR forged x+\] /);
    expect(error).toMatchObject({ account: expect.stringMatching(/^.{100}$/) });
  });

  it('is what logKey returns, so the key does not appear', async () => {
    const log = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const wrong = { ...api.optionsOf('porto'), clientSecret: 'wrong-one' };
    await using app = await accountsApp({ resolve: () => wrong, logKey: () => 'customer 7' });
    const error = await rejectionOf(app.call('porto'));
    expect(error).toMatchObject({ code: 'invalid_client', account: 'customer 7' });
    const lines = log.mock.calls.join();
    expect(lines).toContain('[customer 7]');
    expect(lines + String(error)).not.toContain('porto');
    expect(app.events.at(-1)).toMatchObject({ key: 'porto', type: 'credentials-rejected' });
  });

  it.each<[string, () => string]>([
    [
      'throws',
      () => {
        throw new Error('no name');
      },
    ],
    ['returns a blank name', () => ' '],
  ])('is a placeholder if logKey %s', async (_, logKey) => {
    await using app = await accountsApp({ logKey });
    expect(await app.call('porto')).toBe('porto');
  });
});
