import { Agent } from 'node:http';
import { inspect } from 'node:util';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Logger, Module } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AccountEvent,
  DokStampAccounts,
  DokStampAccountsModule,
  type DokStampAccountsOptions,
} from '../../lib/accounts/index.js';
import { DokStampHttpService, type DokStampOptions, TokenService } from '../../lib/index.js';
import { boot } from '../support/app.js';
import { deferred } from '../support/deferred.js';
import { MapTokenStore } from '../support/map-token-store.js';
import { rejectionOf } from '../support/requests.js';
import { letGoOn, pass, stopTime, until } from '../support/token-harness.js';
import { universities } from '../support/universities.js';

let api: Awaited<ReturnType<typeof universities>>;

beforeEach(async () => {
  api = await universities();
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await api[Symbol.asyncDispose]();
});

/** An app with accounts at run time, whose `resolve` is the database of the stub unless the options have another. */
async function accountsWith(options: Partial<DokStampAccountsOptions> = {}) {
  const resolve = vi.fn(options.resolve ?? ((key: string) => api.optionsOf(key)));
  const given = { baseURL: api.url, ...options, resolve };
  const app = await boot({ imports: [DokStampAccountsModule.forRoot(given)] });
  const accounts = app.get(DokStampAccounts);
  const events: AccountEvent[] = [];
  accounts.events$.subscribe((event) => events.push(event));
  const call = async (key: string) =>
    (await (await accounts.get(key)).http.axiosRef.get<{ owner: string }>('/certificates')).data
      .owner;
  return { app, accounts, events, resolve, call, [Symbol.asyncDispose]: () => app.close() };
}

describe('accounts.get()', () => {
  it('gives the account of a key, whose calls carry its token and tenant', async () => {
    await using it = await accountsWith();
    const porto = await it.accounts.get('porto');
    expect(porto.key).toBe('porto');
    expect(porto.http).toBeInstanceOf(DokStampHttpService);
    expect(porto.tokens).toBeInstanceOf(TokenService);
    expect(await it.call('porto')).toBe('porto');
    expect(await it.call('lisboa')).toBe('lisboa');
    expect(api.calls).toEqual([
      { tenant: 'tenant-porto', owner: 'porto', isAccepted: true },
      { tenant: 'tenant-lisboa', owner: 'lisboa', isAccepted: true },
    ]);
    expect(it.accounts.size).toBe(2);
    expect([it.accounts.has('porto'), it.accounts.has('faro')]).toEqual([true, false]);
  });

  it('resolves a key once at a time, however many ask, and not again while it is kept', async () => {
    await using it = await accountsWith({
      resolve: async (key) => {
        await sleep(10);
        return api.optionsOf(key);
      },
    });
    const all = await Promise.all(Array.from({ length: 50 }, () => it.accounts.get('porto')));
    expect(new Set(all).size).toBe(1);
    await Promise.all(all.map(() => it.call('porto')));
    expect(it.resolve.mock.calls).toEqual([['porto']]);
    expect(api.tokenRequests.get('porto')).toBe(1);
  });

  it('asks for no token before the first use', async () => {
    await using it = await accountsWith();
    await it.accounts.get('porto');
    await sleep(20);
    expect(api.tokenRequests.size).toBe(0);
  });

  it('rejects with credentials_unavailable where resolve throws: its kind is told, its words are not, and it is not remembered', async () => {
    let times = 0;
    await using it = await accountsWith({
      resolve: (key) => {
        if (times++ === 0) throw new TypeError('the secret is hunter2');
        return api.optionsOf(key);
      },
    });
    const error = await rejectionOf(it.accounts.get('porto'));
    expect(error).toMatchObject({ code: 'credentials_unavailable', account: 'porto' });
    expect(error.message).toContain('TypeError');
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2');
    expect(await it.call('porto')).toBe('porto');
  });

  it.each([
    ['no Error', 'hunter2', 'no Error'],
    ['an error that cannot be read', unreadableError(), 'cannot be read'],
  ])('rejects with credentials_unavailable where resolve throws %s', async (_, thrown, told) => {
    await using it = await accountsWith({ resolve: () => Promise.reject(thrown) });
    const error = await rejectionOf(it.accounts.get('porto'));
    expect(error).toMatchObject({ code: 'credentials_unavailable', account: 'porto' });
    expect(error.message).toContain(told);
    expect(error.message).not.toContain('hunter2');
  });

  it('rejects with credentials_unavailable where resolve does not answer within tokenTimeout, and calls it again only after it has', async () => {
    const answers = [deferred<ReturnType<typeof api.optionsOf>>()];
    await using it = await accountsWith({
      tokenTimeout: 50,
      resolve: (key) => answers.shift()?.promise ?? api.optionsOf(key),
    });
    const [answer] = answers;
    for (let times = 0; times < 2; times++) {
      await expect(it.accounts.get('porto')).rejects.toMatchObject({
        code: 'credentials_unavailable',
        account: 'porto',
        message: expect.stringContaining('has not answered in time') as string,
      });
    }
    expect(it.resolve).toHaveBeenCalledTimes(1);
    expect(await it.call('lisboa')).toBe('lisboa');
    answer?.reject(new Error('the database is away'));
    expect(await it.call('porto')).toBe('porto');
    expect(it.resolve.mock.calls).toEqual([['porto'], ['lisboa'], ['porto']]);
  });

  it.each([
    ['itself', 'porto'],
    ['by way of another', 'lisboa'],
  ])(
    'rejects with credentials_unavailable, after tokenTimeout, where resolve asks for the account that it is to give, %s',
    async (_, asked) => {
      await using it: Awaited<ReturnType<typeof accountsWith>> = await accountsWith({
        tokenTimeout: 50,
        resolve: async (key) => {
          await it.accounts.get(key === 'porto' ? asked : 'porto');
          return api.optionsOf(key);
        },
      });
      await expect(it.accounts.get('porto')).rejects.toMatchObject({
        code: 'credentials_unavailable',
        message: expect.stringContaining('has not answered in time') as string,
      });
      expect(it.resolve.mock.calls.map(([key]) => key)).toEqual([...new Set(['porto', asked])]);
    },
  );

  it('rejects with account_unknown where resolve gives nothing', async () => {
    await using it = await accountsWith({ resolve: () => undefined });
    await expect(it.accounts.get('nowhere')).rejects.toMatchObject({
      code: 'account_unknown',
      account: 'nowhere',
    });
    expect(it.accounts.size).toBe(0);
  });

  it('rejects with a DokStampConfigError that names the account where its options are wrong', async () => {
    await using it = await accountsWith({ resolve: () => ({ clientId: 'id' }) });
    await expect(it.accounts.get('porto')).rejects.toMatchObject({
      code: 'config_invalid',
      account: 'porto',
      faults: [expect.stringContaining('clientSecret')],
    });
  });

  it('checks startup too, though no account is started', async () => {
    await using it = await accountsWith({
      resolve: (key) => ({ ...api.optionsOf(key), startup: key as 'required' }),
    });
    await expect(it.accounts.get('bogus')).rejects.toMatchObject({
      faults: [expect.stringContaining('startup')],
    });
    await it.accounts.get('required');
    expect(api.tokenRequests.size).toBe(0);
  });

  it.each([undefined, null])(
    'takes an option that resolve gives as %s for left out: what is shared holds',
    async (nothing) => {
      const nothings = Object.fromEntries(
        ['baseURL', 'tenant', 'tokenStore', 'http', 'credentials'].map((name) => [name, nothing]),
      );
      await using it = await accountsWith({
        tenant: 'tenant-porto',
        http: { headers: { 'x-shared': 'yes' } },
        resolve: (key) => ({ ...api.optionsOf(key), ...nothings }),
      });
      const { http } = await it.accounts.get('porto');
      expect(http.axiosRef.defaults.baseURL).toBe(api.url);
      expect(http.axiosRef.defaults.headers).toMatchObject({ 'x-shared': 'yes' });
      expect(await it.call('porto')).toBe('porto');
      expect(api.calls).toEqual([{ tenant: 'tenant-porto', owner: 'porto', isAccepted: true }]);
    },
  );

  it('reads accessors and what is inherited, as DokStampModule does', async () => {
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
    await using it = await accountsWith({ resolve: (key) => new Row(key) });
    expect(await it.call('porto')).toBe('porto');
    api.rotate('porto');
    expect(await it.call('porto')).toBe('porto');
  });

  it.each([
    ['an option', Object.assign(thrower('clientSecret'), { clientId: 'porto' })],
    ['an axios default', { clientId: 'porto', clientSecret: 'x', http: thrower('httpAgent') }],
    [
      'a method of the store',
      { clientId: 'porto', clientSecret: 'x', tokenStore: thrower('read') },
    ],
  ])(
    'rejects with credentials_unavailable where %s that resolve gives cannot be read',
    async (_, given) => {
      await using it = await accountsWith({ resolve: () => given as never });
      const error = await rejectionOf(it.accounts.get('porto'));
      expect(error).toMatchObject({ code: 'credentials_unavailable', account: 'porto' });
      expect(error.message).toContain('resolve failed with RangeError');
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2');
    },
  );

  it.each([undefined, null, '', 7, {}])(
    'takes no key that is no non-empty string: %j',
    async (key) => {
      await using it = await accountsWith();
      const error = {
        code: 'config_invalid',
        message: expect.stringContaining('get(key)') as string,
      };
      await expect(it.accounts.get(key as string)).rejects.toMatchObject(error);
      await expect(it.accounts.delete(key as string)).rejects.toMatchObject({
        code: 'config_invalid',
      });
    },
  );
});

describe('resolve', () => {
  /** A `resolve` that answers after a while, and knows how many of its calls for one key were under way at once. */
  function slowResolve() {
    const underWay = new Map<string, number>();
    const seen = { most: 0 };
    const resolve = async (key: string) => {
      const options = api.optionsOf(key);
      underWay.set(key, (underWay.get(key) ?? 0) + 1);
      seen.most = Math.max(seen.most, underWay.get(key) ?? 0);
      await sleep(20);
      underWay.set(key, (underWay.get(key) ?? 0) - 1);
      return options;
    };
    return { resolve, seen };
  }

  it('is called for one key once at a time, also after delete(), which does not take what was looked up before', async () => {
    const { resolve, seen } = slowResolve();
    await using it = await accountsWith({ resolve });
    const before = it.accounts.get('porto');
    await sleep(1);
    api.rotate('porto');
    await it.accounts.delete('porto');
    const after = await Promise.all([it.accounts.get('porto'), it.accounts.get('porto')]);
    expect(it.resolve).toHaveBeenCalledTimes(2);
    expect(seen.most).toBe(1);
    expect(after[1]).toBe(after[0]);
    expect(await before).not.toBe(after[0]);
    expect((await after[0].http.axiosRef.get('/certificates')).status).toBe(200);
    expect(it.resolve).toHaveBeenCalledTimes(2);
  });

  it('is called for one key once at a time, also where a refused pair is read anew beside get()', async () => {
    const { resolve, seen } = slowResolve();
    await using it = await accountsWith({ resolve });
    const { http } = await it.accounts.get('porto');
    api.rotate('porto');
    const call = http.axiosRef.get('/certificates');
    while (it.resolve.mock.calls.length < 2) await sleep(1);
    await it.accounts.delete('porto');
    expect(await it.call('porto')).toBe('porto');
    expect((await call).status).toBe(200);
    expect(it.resolve).toHaveBeenCalledTimes(3);
    expect(seen.most).toBe(1);
  });
});

describe('a refused pair', () => {
  it('is resolved anew, and no call fails where the database has another', async () => {
    await using it = await accountsWith();
    await it.call('porto');
    api.rotate('porto');
    expect(await it.call('porto')).toBe('porto');
    expect(it.resolve).toHaveBeenCalledTimes(2);
  });

  it('is resolved anew also where resolve gives a credentials function', async () => {
    await using it = await accountsWith({
      resolve: (key) => {
        const { tenant, ...pair } = api.optionsOf(key);
        return { tenant, credentials: () => pair };
      },
    });
    await it.call('porto');
    api.rotate('porto');
    expect(await it.call('porto')).toBe('porto');
    expect(it.resolve).toHaveBeenCalledTimes(2);
  });

  it('is had from the credentials function that resolve gave, where resolve fails meanwhile', async () => {
    await using it = await accountsWith({
      resolve: () => {
        if (it.resolve.mock.calls.length > 1) throw new Error('the database is away');
        return { tenant: 'tenant-porto', credentials: () => stale ?? api.optionsOf('porto') };
      },
    });
    let stale: ReturnType<typeof api.optionsOf> | undefined = api.optionsOf('porto');
    stopTime();
    await pass(1_000);
    await letGoOn(it.call('porto'));
    api.rotate('porto');
    const refused = await rejectionOf(letGoOn(it.call('porto')));
    expect(refused).toMatchObject({ code: 'invalid_client' });
    stale = undefined;
    await pass(1_000);
    expect(await letGoOn(it.call('porto'))).toBe('porto');
    expect(it.resolve.mock.calls.length).toBeGreaterThan(1);
  });

  it('is what resolve is called anew for: a credentials function that it gave is called before every token request', async () => {
    const credentials = vi.fn(() => api.optionsOf('porto'));
    await using it = await accountsWith({
      resolve: () => ({ tenant: 'tenant-porto', credentials }),
    });
    await it.call('porto');
    api.revoke('porto');
    await it.call('porto');
    expect(credentials).toHaveBeenCalledTimes(2);
    expect(it.resolve).toHaveBeenCalledTimes(1);
  });

  it('is resolved anew once for each try', async () => {
    stopTime();
    const stale = api.optionsOf('porto');
    api.rotate('porto');
    await using it = await accountsWith({ resolve: () => stale });
    await pass(1_000);
    const { tokens } = await it.accounts.get('porto');
    const refused = rejectionOf(tokens.getToken());
    await until(() => tokens.status.state === 'blocked');
    await refused;
    expect(it.resolve).toHaveBeenCalledTimes(2);
    await pass(30_000, 1_000);
    expect(api.tokenRequests.get('porto')).toBe(2);
    expect(it.resolve).toHaveBeenCalledTimes(3);
  });

  it('is resolved anew at most once a second', async () => {
    const stale = api.optionsOf('porto');
    api.rotate('porto');
    await using it = await accountsWith({ resolve: () => stale });
    for (let calls = 0; calls < 20; calls++) await it.call('porto').catch(() => {});
    expect(it.resolve.mock.calls.length).toBeLessThanOrEqual(3);
    await expect(it.call('porto')).rejects.toMatchObject({ code: 'invalid_client' });
  });

  it('is not resolved again for a token that was revoked', async () => {
    await using it = await accountsWith();
    await it.call('porto');
    api.revoke('porto');
    expect(await it.call('porto')).toBe('porto');
    expect(it.resolve).toHaveBeenCalledTimes(1);
  });
});

describe('an account whose pair was refused, and for which resolve gives other options by then', () => {
  it('is made anew at the next get() with another tenant', async () => {
    let row = api.optionsOf('porto');
    await using it = await accountsWith({ resolve: () => row });
    await it.call('u');
    row = api.optionsOf('lisboa');
    api.rotate('porto');
    // Under way with the old tenant.
    await rejectionOf(it.call('u'));
    expect(await it.call('u')).toBe('lisboa');
    expect(api.calls.at(-1)).toEqual({
      tenant: 'tenant-lisboa',
      owner: 'lisboa',
      isAccepted: true,
    });
  });

  it('is made anew with another base URL, and its new secret is not sent to the old one', async () => {
    await using other = await universities();
    let row: DokStampOptions = api.optionsOf('porto');
    await using it = await accountsWith({ resolve: () => row });
    await it.call('u');
    row = { ...other.optionsOf('lisboa'), baseURL: other.url };
    api.rotate('porto');
    await expect(it.call('u')).rejects.toMatchObject({ code: 'invalid_client' });
    expect(await it.call('u')).toBe('lisboa');
    expect(api.tokenRequests.has('lisboa')).toBe(false);
    expect(api.calls.every(({ tenant }) => tenant === 'tenant-porto')).toBe(true);
  });

  it.each<[string, () => DokStampOptions]>([
    ['tokenTimeout', () => ({ tokenTimeout: 5_000 })],
    ['an axios default', () => ({ http: { headers: { 'x-customer': 'yes' } } })],
    ['an agent', () => ({ http: { httpAgent: new Agent() } })],
    ['a token store', () => ({ tokenStore: new MapTokenStore() })],
  ])('is made anew at the next get() with %s, and no call fails', async (_, others) => {
    let given: DokStampOptions = {};
    await using it = await accountsWith({
      resolve: () => ({ ...api.optionsOf('porto'), ...given }),
    });
    await it.call('u');
    const { http } = await it.accounts.get('u');
    given = others();
    api.rotate('porto');
    expect(await it.call('u')).toBe('porto');
    await turn();
    expect(it.accounts.has('u')).toBe(false);
    expect(it.events.filter(({ type }) => type === 'issued')).toHaveLength(2);
    expect((await it.accounts.get('u')).http).not.toBe(http);
    expect(await it.call('u')).toBe('porto');
    expect((await http.axiosRef.get('/certificates')).status).toBe(200);
    expect(it.resolve).toHaveBeenCalledTimes(3);
  });

  it('is not made anew with the pair that was refused', async () => {
    const stale = api.optionsOf('porto');
    api.rotate('porto');
    await using it = await accountsWith({
      resolve: () => ({ ...stale, http: { httpAgent: new Agent() } }),
    });
    for (let calls = 0; calls < 20; calls++) await rejectionOf(it.call('porto'));
    expect(api.tokenRequests.get('porto')).toBe(1);
    expect(it.accounts.has('porto')).toBe(true);
  });

  it.each([
    ['account_unknown', undefined],
    ['config_invalid', { clientId: 'porto', clientSecret: 'x', tenant: ' ' }],
  ])('goes with %s where no account can be made of them', async (code, given) => {
    let row: DokStampOptions | undefined = api.optionsOf('porto');
    await using it = await accountsWith({ resolve: () => row });
    await it.call('u');
    row = given;
    api.rotate('porto');
    await rejectionOf(it.call('u'));
    await expect(it.accounts.get('u')).rejects.toMatchObject({ code, account: 'u' });
    await turn();
    expect(it.accounts.size).toBe(0);
    row = api.optionsOf('porto');
    expect(await it.call('u')).toBe('porto');
  });
});

describe('who still holds an account whose pair was refused', () => {
  it.each<[string, () => DokStampOptions | undefined, string]>([
    [
      'gives nothing',
      () => undefined,
      '[u] No account is known for this key: resolve gave nothing.',
    ],
    ['gives wrong options', () => ({ clientId: 'u' }), '[u] The DokStamp configuration is wrong:'],
    ['throws', () => thrower('x')['x' as never], '[u] resolve failed with RangeError.'],
  ])('is told, once the pair is tried again, that resolve %s', async (_, later, told) => {
    stopTime();
    let resolve = (): DokStampOptions | undefined => api.optionsOf('porto');
    await using it = await accountsWith({ resolve: () => resolve() });
    await pass(1_000);
    const { tokens } = await it.accounts.get('u');
    await letGoOn(tokens.getToken());
    resolve = later;
    api.rotate('porto');
    const refused = rejectionOf(letGoOn(tokens.renew()));
    expect(await refused).toMatchObject({ code: 'invalid_client' });
    await pass(31_000, 1_000);
    const error = await rejectionOf(letGoOn(tokens.renew()));
    expect(error).toMatchObject({ code: 'credentials_unavailable', account: 'u' });
    expect(error.message.slice(0, told.length)).toBe(told);
  });
});

describe('the accounts that are kept', () => {
  it('are at most max; the least recently used one goes first', async () => {
    await using it = await accountsWith({ max: 2 });
    await it.call('a');
    await it.call('b');
    await it.call('a');
    await it.call('c');
    expect(it.accounts.size).toBe(2);
    expect(['a', 'b', 'c'].filter((key) => it.accounts.has(key))).toEqual(['a', 'c']);
  });

  it('include each one that is in use, whatever max says', async () => {
    await using it = await accountsWith({ max: 1 });
    const { http, tokens } = await it.accounts.get('a');
    const answer = deferred<never>();
    const adapter = vi.fn(() => answer.promise);
    const call = http.axiosRef.get('/x', { adapter: adapter as never }).catch(() => {});
    await vi.waitFor(() => expect(adapter).toHaveBeenCalled());
    await it.call('b');
    expect(it.accounts.has('a')).toBe(true);
    expect(tokens.status.nextRenewalAt).toBeDefined();
    answer.reject(new Error('over'));
    await call;
    await it.call('c');
    expect(it.accounts.has('a')).toBe(false);
    expect(tokens.status.nextRenewalAt).toBeUndefined();
  });

  it('go in the order of their last use; a renewal that nobody waited for is no use', async () => {
    stopTime();
    await using it = await accountsWith({ max: 2, idleAfter: 100_000 });
    await letGoOn(it.call('a'));
    await pass(1_000_000, 10_000);
    await letGoOn(it.call('b'));
    await pass(2_550_000, 10_000);
    expect([...api.tokenRequests]).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    await letGoOn(it.call('c'));
    expect(['a', 'b', 'c'].filter((key) => it.accounts.has(key))).toEqual(['b', 'c']);
  });

  it('include one that is renewed when its turn to go comes, until that is over', async () => {
    stopTime();
    const renewal = deferred<ReturnType<typeof api.optionsOf>>();
    let reads = 0;
    await using it = await accountsWith({
      max: 1,
      idleAfter: 100_000,
      resolve: (key) => ({
        tenant: `tenant-${key}`,
        credentials: () => (key === 'a' && reads++ === 1 ? renewal.promise : api.optionsOf(key)),
      }),
    });
    await letGoOn(it.call('a'));
    const { tokens } = await it.accounts.get('a');
    await pass(3_545_000, 10_000);
    expect(reads).toBe(2);
    await it.accounts.get('b');
    expect([it.accounts.has('a'), it.accounts.has('b'), it.accounts.size]).toEqual([true, true, 2]);
    renewal.resolve(api.optionsOf('a'));
    await until(() => it.accounts.size === 1);
    expect([it.accounts.has('a'), it.accounts.has('b')]).toEqual([false, true]);
    await pass(100);
    expect(tokens.status.nextRenewalAt).toBeUndefined();
  });

  it('include each one that was just handed out, so that a burst of customers makes one token request each', async () => {
    await using it = await accountsWith({ max: 5, resolve: async (key) => api.optionsOf(key) });
    const keys = Array.from({ length: 30 }, (_, i) => `u${i}`);
    const first = keys.map((key) => it.call(key));
    await until(() => api.tokenRequests.size > 0);
    const second = keys.map((key) => it.call(key));
    await Promise.all([...first, ...second]);
    expect([...api.tokenRequests.values()]).toEqual(keys.map(() => 1));
    expect(it.events.filter(({ type }) => type === 'issued')).toHaveLength(30);
    await turn();
    expect(it.accounts.size).toBe(5);
  });

  it('are not many more than max where thousands are asked for and nobody waits for I/O', async () => {
    await using it = await accountsWith({ max: 10 });
    let most = 0;
    for (let i = 0; i < 3_000; i++) {
      await it.accounts.get(`u${i}`);
      most = Math.max(most, it.accounts.size);
    }
    expect(most).toBeLessThanOrEqual(1_010);
    await turn();
    expect(it.accounts.size).toBe(10);
    await Promise.all(Array.from({ length: 3_000 }, (_, i) => it.accounts.get(`v${i}`)));
    expect(it.accounts.size).toBeLessThanOrEqual(1_010);
  });

  it('go only after the end of their token request has been told', async () => {
    await using it = await accountsWith({ max: 1 });
    const a = await it.accounts.get('a');
    const answer = deferred<never>();
    const call = a.http.axiosRef.get('/x', { adapter: () => answer.promise }).catch(() => {});
    await (await it.accounts.get('b')).tokens.getToken();
    await turn();
    expect([it.accounts.has('a'), it.accounts.has('b')]).toEqual([true, false]);
    expect(it.events.map(({ key, type }) => [key, type])).toContainEqual(['b', 'issued']);
    answer.reject(new Error('over'));
    await call;
  });

  it('go when nobody has used them for idleAfter', async () => {
    stopTime();
    await using it = await accountsWith({ idleAfter: 100 });
    await pass(1_000);
    const { tokens } = await it.accounts.get('a');
    await it.accounts.get('b');
    await pass(60_000, 1_000);
    await it.accounts.get('b');
    await pass(60_000, 1_000);
    expect([it.accounts.has('a'), it.accounts.has('b')]).toEqual([false, true]);
    expect(tokens.status.nextRenewalAt).toBeUndefined();
    expect(it.accounts.size).toBe(1);
  });

  it('go when nobody has used them for idleAfter, though their token was renewed ahead meanwhile', async () => {
    stopTime();
    await using it = await accountsWith({ idleAfter: 3_600 });
    await pass(1_000);
    const { http, tokens } = await it.accounts.get('a');
    const call = http.axiosRef.get('/certificates');
    while (tokens.status.state !== 'valid') await pass(10);
    await call;
    await pass(3_580_000, 10_000);
    expect(api.tokenRequests.get('a')).toBe(2);
    expect(it.accounts.has('a')).toBe(true);
    await pass(100_000, 10_000);
    expect(it.accounts.has('a')).toBe(false);
    expect(it.accounts.size).toBe(0);
  });

  it('stay when they are used without a get(), by a call or for a token', async () => {
    stopTime();
    await using it = await accountsWith({ idleAfter: 100 });
    await pass(1_000);
    const a = await it.accounts.get('a');
    const b = await it.accounts.get('b');
    await it.accounts.get('c');
    await pass(90_000, 1_000);
    const uses = Promise.all([a.http.axiosRef.get('/certificates'), b.tokens.getToken()]);
    while (a.tokens.status.state !== 'valid' || b.tokens.status.state !== 'valid') await pass(10);
    await uses;
    await pass(50_000, 1_000);
    expect(['a', 'b', 'c'].filter((key) => it.accounts.has(key))).toEqual(['a', 'b']);
  });

  it('are forgotten at once by delete(), and calls under way go on', async () => {
    await using it = await accountsWith();
    const { http } = await it.accounts.get('porto');
    const call = http.axiosRef.get('/certificates');
    expect(await it.accounts.delete('porto')).toBe(true);
    expect(it.accounts.has('porto')).toBe(false);
    expect((await call).status).toBe(200);
    expect(await it.accounts.delete('porto')).toBe(false);
    await it.accounts.get('porto');
    expect(it.resolve).toHaveBeenCalledTimes(2);
  });

  it('do not include one that was deleted while it was resolved', async () => {
    await using it = await accountsWith({
      resolve: async (key) => {
        await sleep(20);
        return api.optionsOf(key);
      },
    });
    const asked = it.accounts.get('porto');
    expect(await it.accounts.delete('porto')).toBe(true);
    expect((await (await asked).http.axiosRef.get('/certificates')).status).toBe(200);
    expect(it.accounts.has('porto')).toBe(false);
  });

  it('read their token from the store when they come back, and ask for none while it lives', async () => {
    await using it = await accountsWith({ max: 1, tokenStore: new MapTokenStore() });
    await it.call('a');
    await sleep(20);
    await it.call('b');
    expect(it.accounts.has('a')).toBe(false);
    await it.call('a');
    expect(api.tokenRequests.get('a')).toBe(1);
  });
});

describe('a token that was seen refused', () => {
  it('is not taken from the store by an account that comes back', async () => {
    vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    await using it = await accountsWith({ max: 1, tokenStore: new MapTokenStore() });
    await it.call('a');
    api.revoke('a');
    api.failing.add('a');
    for (let calls = 0; calls < 4; calls++) await rejectionOf(it.call('a'));
    await it.call('b');
    expect(it.accounts.has('a')).toBe(false);
    const sent = api.calls.length;
    await expect(it.call('a')).rejects.toMatchObject({ code: 'token_request_failed' });
    expect(api.calls).toHaveLength(sent);
  });
});

describe('renewal ahead', () => {
  it('is made for an account that was used since its last renewal, and not again for one that was not', async () => {
    stopTime();
    await using it = await accountsWith({ idleAfter: 100_000 });
    const { http, tokens } = await it.accounts.get('porto');
    const call = http.axiosRef.get('/certificates');
    while (tokens.status.state !== 'valid') await pass(10);
    await call;
    await pass(3_600_000, 10_000);
    expect(api.tokenRequests.get('porto')).toBe(2);
    await pass(3 * 3_600_000, 10_000);
    expect(api.tokenRequests.get('porto')).toBe(2);
    const next = http.axiosRef.get('/certificates');
    while (api.tokenRequests.get('porto') === 2) await pass(10);
    expect((await next).status).toBe(200);
  });

  it('is planned again by the next use of an account, though its token is still valid', async () => {
    stopTime();
    await using it = await accountsWith({ idleAfter: 100_000 });
    await letGoOn(it.call('porto'));
    const { tokens } = await it.accounts.get('porto');
    await pass(7_100_000, 10_000);
    expect(api.tokenRequests.get('porto')).toBe(2);
    expect(tokens.status).toMatchObject({ state: 'valid' });
    expect(tokens.status.nextRenewalAt).toBeUndefined();
    await letGoOn(it.call('porto'));
    await pass(1_000);
    expect(api.tokenRequests.get('porto')).toBe(3);
    expect(tokens.status.nextRenewalAt).toBeInstanceOf(Date);
  });

  it('that fails is tried again until there is a token, and then not again where nobody has used the account', async () => {
    stopTime();
    vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    await using it = await accountsWith({ idleAfter: 100_000 });
    await letGoOn(it.call('porto'));
    const { tokens } = await it.accounts.get('porto');
    api.failing.add('porto');
    for (let seconds = 0; seconds < 4_000; seconds += 10) {
      await pass(10_000, 1_000);
      expect(tokens.status.nextRenewalAt).toBeInstanceOf(Date);
    }
    expect(tokens.status.lastError).toMatchObject({ code: 'token_request_failed' });
    api.failing.delete('porto');
    await pass(31_000, 1_000);
    expect(tokens.status).toMatchObject({ state: 'valid' });
    expect(tokens.status.lastError).toBeUndefined();
    const requests = api.tokenRequests.get('porto');
    await pass(3 * 3_600_000, 10_000);
    expect(api.tokenRequests.get('porto')).toBe(requests);
    expect(tokens.status.nextRenewalAt).toBeUndefined();
  });
});

describe('events$', () => {
  it('tells what happens to each account, with its key; nothing of one that has gone', async () => {
    await using it = await accountsWith();
    await it.call('a');
    await it.call('b');
    const { tokens } = await it.accounts.get('a');
    await it.accounts.delete('a');
    await tokens.renew();
    expect(it.events.map(({ key, type }) => [key, type])).toEqual([
      ['a', 'issued'],
      ['b', 'issued'],
    ]);
  });
});

describe('the end', () => {
  it('makes no timer any more, though tokens can still be had, from onModuleDestroy on', async () => {
    await using it = await accountsWith();
    it.accounts.onModuleDestroy();
    expect(await it.call('a')).toBe('a');
    const { tokens } = await it.accounts.get('a');
    expect(tokens.status).toMatchObject({ state: 'valid' });
    expect(tokens.status.nextRenewalAt).toBeUndefined();
  });

  it('stops all timers, completes events$ and rejects what comes later with closed', async () => {
    const it = await accountsWith();
    const { http, tokens } = await it.accounts.get('a');
    await it.call('a');
    let isComplete = false;
    it.accounts.events$.subscribe({ complete: () => (isComplete = true) });
    await it.app.close();
    expect(isComplete).toBe(true);
    expect(tokens.status).toEqual({ state: 'closed' });
    await expect(it.accounts.get('a')).rejects.toMatchObject({ code: 'closed' });
    await expect(it.accounts.get('b')).rejects.toMatchObject({ code: 'closed' });
    await expect(http.axiosRef.get('/x')).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('after the end', () => {
  it('an account that had gone before rejects with closed as well', async () => {
    const it = await accountsWith({ max: 1 });
    const { http, tokens } = await it.accounts.get('a');
    await it.call('a');
    await it.call('b');
    expect(it.accounts.has('a')).toBe(false);
    expect(await tokens.getToken()).toContain('_of_a');
    await it.app.close();
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'closed' });
    await expect(http.axiosRef.get('/x')).rejects.toMatchObject({ code: 'closed' });
  });

  it('an account whose time was over, and which nobody had looked at since, rejects with closed as well', async () => {
    stopTime();
    const it = await accountsWith({ idleAfter: 10 });
    await pass(500);
    const { tokens } = await it.accounts.get('a');
    await pass(10_200, 100);
    await it.app.close();
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'closed' });
  });

  it('whoever waits for resolve is rejected with closed, at once', async () => {
    const it = await accountsWith({ resolve: () => deferred<never>().promise });
    const waiting = rejectionOf(it.accounts.get('a'));
    await it.app.close();
    expect(await waiting).toMatchObject({ code: 'closed' });
  });
});

describe('the name of an account', () => {
  it('is its key, in one line and at most 100 characters', async () => {
    await using it = await accountsWith({ resolve: () => undefined });
    const error = await rejectionOf(it.accounts.get(`a\nERROR forged\u2028${'x'.repeat(200)}`));
    expect(error.message).toMatch(/^\[a ERROR forged x+\] /);
    expect(error).toMatchObject({ account: expect.stringMatching(/^.{100}$/) as string });
  });
});

describe('logKey', () => {
  it('names the account in log lines and errors, where the key is not to be told', async () => {
    const warn = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const stale = { ...api.optionsOf('porto'), clientSecret: 'wrong-one' };
    await using it = await accountsWith({ resolve: () => stale, logKey: () => 'customer 7' });
    const error = await rejectionOf(it.call('porto'));
    expect(error).toMatchObject({ code: 'invalid_client', account: 'customer 7' });
    expect(warn.mock.calls.join()).toContain('[customer 7]');
    expect(warn.mock.calls.join() + String(error)).not.toContain('porto');
    expect(it.events.at(-1)).toMatchObject({ key: 'porto', type: 'credentials-rejected' });
  });
});

describe('accounts.health()', () => {
  it('counts the accounts by their health, and tells of those that are not well, worst first', async () => {
    await using it = await accountsWith({
      resolve: (key) => ({
        ...api.optionsOf(key),
        ...(key.startsWith('bad') && { clientSecret: 'wrong-one' }),
      }),
    });
    await Promise.all(Array.from({ length: 12 }, (_, i) => it.call(`bad-${i}`).catch(() => {})));
    await it.call('good');
    await it.accounts.get('unused');
    const { worst, ...counts } = it.accounts.health();
    expect(counts).toEqual({ valid: 1, degraded: 0, down: 12, idle: 1 });
    expect(worst).toHaveLength(10);
    expect(worst[0]).toMatchObject({ health: 'down', code: 'invalid_client' });
  });
});

describe('registration', () => {
  it('refuses wrong options, with each fault', async () => {
    const wrong = { resolve: 'no', max: 0, idleAfter: -1, clientId: 'id', baseURL: 'nonsense' };
    await expect(
      boot({ imports: [DokStampAccountsModule.forRoot(wrong as never)] }),
    ).rejects.toMatchObject({
      code: 'config_invalid',
      faults: [
        expect.stringContaining('resolve'),
        expect.stringContaining('max'),
        expect.stringContaining('idleAfter'),
        expect.stringContaining('clientId'),
        expect.stringContaining('baseURL'),
      ],
    });
  });

  it('takes undefined and null for left out, and reads accessors and what is inherited', async () => {
    class Shared {
      get baseURL() {
        return api.url;
      }
      max = null;
      idleAfter = null;
      logKey = null;
      startup = null;
      credentials = undefined;
      resolve(key: string) {
        return api.optionsOf(key);
      }
    }
    const module = DokStampAccountsModule.forRoot(new Shared() as never);
    await using app = await boot({ imports: [module] });
    const { http } = await app.get(DokStampAccounts).get('porto');
    expect((await http.axiosRef.get('/certificates')).status).toBe(200);
  });

  it.each([1e-9, 0.0005, 1.001, 64.1, 10 / 3, Number.MAX_VALUE])(
    'takes each positive number of seconds for idleAfter: %s',
    async (idleAfter) => {
      await using it = await accountsWith({ idleAfter });
      expect((await it.accounts.get('porto')).key).toBe('porto');
    },
  );

  it('refuses the bare class, and says to register once with isGlobal', async () => {
    @Module({ imports: [DokStampAccountsModule] })
    class FeatureModule {}
    const error = {
      code: 'config_invalid',
      message: expect.stringContaining('isGlobal: true') as string,
    };
    await expect(boot({ imports: [FeatureModule] })).rejects.toMatchObject(error);
    const registered = DokStampAccountsModule.forRoot({ resolve: api.optionsOf, isGlobal: true });
    await expect(boot({ imports: [registered, FeatureModule] })).rejects.toMatchObject(error);
  });

  it('refuses a second one in an app, and says to register once with isGlobal', async () => {
    const registration = (isGlobal: boolean) =>
      DokStampAccountsModule.forRoot({ resolve: api.optionsOf, isGlobal });
    for (const isGlobal of [true, false]) {
      @Module({ imports: [registration(isGlobal)] })
      class FeatureModule {}
      const error = {
        code: 'config_invalid',
        faults: [expect.stringMatching(/registered 2 times.*once with isGlobal: true/)],
      };
      await expect(
        boot({ imports: [registration(isGlobal), FeatureModule] }),
      ).rejects.toMatchObject(error);
    }
  });

  it('takes the same module object in several places for one', async () => {
    const registration = DokStampAccountsModule.forRoot({ resolve: api.optionsOf });
    @Module({ imports: [registration] })
    class FeatureModule {}
    await using app = await boot({ imports: [registration, FeatureModule] });
    expect(app.get(DokStampAccounts).size).toBe(0);
  });

  it.each([[[]], [[{}]], [[{ isGlobal: true }]], [[null]]])(
    'refuses forRootAsync without a factory or class, and says what to pass: %j',
    async (given) => {
      const module = DokStampAccountsModule.forRootAsync(...(given as unknown as [never]));
      await expect(boot({ imports: [module] })).rejects.toMatchObject({
        code: 'config_invalid',
        faults: [expect.stringMatching(/useFactory, useClass or useExisting/)],
      });
    },
  );

  it('takes a factory with what it injects', async () => {
    const module = DokStampAccountsModule.forRootAsync({
      isGlobal: true,
      useFactory: async () => ({ resolve: api.optionsOf, baseURL: api.url }),
    });
    await using app = await boot({ imports: [module] });
    const { http } = await app.get(DokStampAccounts).get('porto');
    expect((await http.axiosRef.get('/certificates')).status).toBe(200);
  });
});

describe('under load', () => {
  it('no request carries the token or tenant of another key, no call fails that would not fail anyway, and each key makes no more token requests than it must', async () => {
    await using it = await accountsWith({ max: 20 });
    const keys = Array.from({ length: 200 }, (_, i) => `u${i}`);
    const random = seeded(7);
    const failures: unknown[] = [];
    const deaths = new Map<string, number>();
    const dies = (key: string) => deaths.set(key, (deaths.get(key) ?? 0) + 1);
    let left = 1_500;
    const caller = async () => {
      while (left-- > 0) {
        const key = keys[Math.floor(random() * keys.length)]!;
        const dice = random();
        if (dice < 0.03) dies(key);
        if (dice < 0.02) api.revoke(key);
        else if (dice < 0.03) api.rotate(key);
        const owner = await it.call(key).catch((error: unknown) => failures.push(error));
        if (typeof owner === 'string') expect(owner).toBe(key);
      }
    };
    await Promise.all(Array.from({ length: 64 }, caller));
    const mixed = api.calls.filter(({ owner, tenant }) => owner && tenant !== `tenant-${owner}`);
    expect(mixed).toEqual([]);
    expect(failures).toEqual([]);
    expect(it.accounts.size).toBeLessThanOrEqual(20);
    // One for each time that the account was made, or its pair read anew, and one for each time that its token died.
    const resolved = (key: string) => it.resolve.mock.calls.filter(([each]) => each === key).length;
    const tooMany = [...api.tokenRequests].filter(
      ([key, requests]) => requests > resolved(key) + (deaths.get(key) ?? 0),
    );
    expect(tooMany).toEqual([]);
  }, 90_000);
});

/** Numbers in [0, 1), the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** An object whose option of this name cannot be read. */
function thrower(option: string): object {
  return Object.defineProperty({}, option, {
    enumerable: true,
    get() {
      throw new RangeError('hunter2');
    },
  });
}

function unreadableError(): Error {
  return Object.defineProperty(new Error('hunter2'), 'name', {
    get() {
      throw new Error('hunter2');
    },
  });
}
