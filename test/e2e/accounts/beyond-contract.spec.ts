import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DokStampHttpService, DokStampOptions } from '../../../lib/index.js';
import { accountsApp, api, setUp } from '../../support/accounts-app.js';
import { deferred } from '../../support/deferred.js';
import { rejectionOf } from '../../support/stub-account.js';
import { advance, waitUntil } from '../../support/time.js';

// What users notice today, and section 8 of the contract does not promise or is about to replace (an evicted account
// can then be evicted while it is in use, and a hanging `resolve` is abandoned). A test goes with its rule.

beforeEach(setUp);

/** An API request that is under way until `answer` is settled. */
function pendingCall(http: DokStampHttpService) {
  const answer = deferred<never>();
  const sent = deferred();
  const adapter = () => {
    sent.resolve();
    return answer.promise;
  };
  const call = http.axiosRef.get('/x', { adapter }).catch(() => {});
  return {
    sent: sent.promise,
    async end() {
      answer.reject(new Error('over'));
      await call;
    },
  };
}

/** An object on which reading this property throws. */
function unreadable(property: string): object {
  return Object.defineProperty({}, property, {
    enumerable: true,
    get() {
      throw new RangeError('hunter2');
    },
  });
}

describe('an account in use', () => {
  it('is not evicted before its use has ended', async () => {
    await using app = await accountsApp({ max: 1 });
    const { http, tokens } = await app.accounts.get('a');
    const call = pendingCall(http);
    await call.sent;
    await app.call('b');
    await turn();
    expect(app.kept('a')).toEqual(['a']);
    expect(tokens.status.nextRenewalAt).toBeDefined();
    await call.end();
    await app.call('c');
    await waitUntil(() => app.accounts.size === 1);
    expect(app.kept('a')).toEqual([]);
  });

  it('is evicted only after the event of its token request', async () => {
    await using app = await accountsApp({ max: 1 });
    const call = pendingCall((await app.accounts.get('a')).http);
    await call.sent;
    await (await app.accounts.get('b')).tokens.getToken();
    await waitUntil(() => app.accounts.size === 1);
    expect(app.kept('a', 'b')).toEqual(['a']);
    expect(app.events.map(({ key, type }) => [key, type])).toContainEqual(['b', 'issued']);
    await call.end();
  });

  it('is not evicted while it is renewed ahead', async () => {
    const renewal = deferred<DokStampOptions & { clientId: string; clientSecret: string }>();
    let reads = 0;
    await using app = await accountsApp({
      max: 1,
      idleAfter: 100_000,
      resolve: (key) => ({
        tenant: `tenant-${key}`,
        credentials: () => (key === 'a' && reads++ === 1 ? renewal.promise : api.optionsOf(key)),
      }),
    });
    await app.call('a');
    const { tokens } = await app.accounts.get('a');
    await advance(3_545_000);
    expect(reads).toBe(2);
    await app.accounts.get('b');
    await turn();
    expect(app.kept('a', 'b')).toEqual(['a', 'b']);
    renewal.resolve(api.optionsOf('a'));
    await waitUntil(() => app.accounts.size === 1);
    expect(app.kept('a', 'b')).toEqual(['b']);
    expect(tokens.status.nextRenewalAt).toBeUndefined();
  });

  it('sends one token request, although a burst of other keys takes its place', async () => {
    await using app = await accountsApp({ max: 5, resolve: async (key) => api.optionsOf(key) });
    const keys = Array.from({ length: 30 }, (_, n) => `u${n}`);
    const first = keys.map(app.call);
    await waitUntil(() => api.tokenRequests.size > 0);
    const second = keys.map(app.call);
    await Promise.all([...first, ...second]);
    expect([...api.tokenRequests.values()]).toEqual(keys.map(() => 1));
    expect(app.events.filter(({ type }) => type === 'issued')).toHaveLength(30);
  });
});

describe('the account cache', () => {
  it('keeps at most 1,000 accounts more than max in one turn of the event loop', async () => {
    await using app = await accountsApp({ max: 10 });
    await Promise.all(Array.from({ length: 1_100 }, (_, n) => app.accounts.get(`u${n}`)));
    expect(app.accounts.size).toBeLessThanOrEqual(1_010);
  });
});

describe('an account that was deleted', () => {
  it('publishes no events', async () => {
    await using app = await accountsApp();
    const { tokens } = await app.accounts.get('a');
    await app.accounts.delete('a');
    await tokens.renew();
    expect(app.events).toEqual([]);
  });
});

describe('resolve', () => {
  it('is called for one key once at a time, also after delete()', async () => {
    const answers = [deferred<DokStampOptions>(), deferred<DokStampOptions>()];
    await using app = await accountsApp({
      resolve: () => answers[app.resolve.mock.calls.length - 1]!.promise,
    });
    const before = app.accounts.get('porto');
    await waitUntil(() => app.resolve.mock.calls.length === 1);
    await app.accounts.delete('porto');
    const after = app.accounts.get('porto');
    await turn();
    expect(app.resolve).toHaveBeenCalledTimes(1);
    answers[0]!.resolve(api.optionsOf('porto'));
    await before;
    await waitUntil(() => app.resolve.mock.calls.length === 2);
    answers[1]!.resolve(api.optionsOf('porto'));
    await after;
  });

  it('is called once at a time, also when delete() and get() meet refused credentials', async () => {
    const rows: ((options: DokStampOptions) => void)[] = [];
    await using app = await accountsApp({
      resolve: () => new Promise<DokStampOptions>((resolve) => rows.push(resolve)),
    });
    const answer = async (calls: number) => {
      await waitUntil(() => rows.length === calls);
      await turn();
      expect(rows).toHaveLength(calls);
      rows.at(-1)!(api.optionsOf('porto'));
    };
    const account = app.accounts.get('porto');
    await answer(1);
    const { http, tokens } = await account;
    await tokens.getToken();
    api.rotate('porto');
    const call = http.axiosRef.get('/certificates');
    await waitUntil(() => rows.length === 2);
    await app.accounts.delete('porto');
    const again = app.call('porto');
    await answer(2);
    await answer(3);
    expect(await again).toBe('porto');
    expect((await call).status).toBe(200);
  });

  it('is not called again for a key before it has answered, although tokenTimeout is over', async () => {
    await using app = await accountsApp({
      tokenTimeout: 5_000,
      resolve: () => deferred<never>().promise,
    });
    for (let times = 0; times < 2; times++) {
      const rejection = rejectionOf(app.accounts.get('porto'));
      await advance(5_000);
      expect(await rejection).toMatchObject({ code: 'credentials_unavailable' });
    }
    expect(app.resolve).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['an Error', new TypeError('hunter2'), 'TypeError'],
    ['a string', 'hunter2', 'not an Error'],
    [
      'an error that cannot be read',
      Object.defineProperty(new Error('hunter2'), 'name', {
        get() {
          throw new Error('hunter2');
        },
      }),
      'cannot be read',
    ],
  ])(
    'rejects with %s, of which get() reports the kind and not the words',
    async (_, thrown, kind) => {
      await using app = await accountsApp({ resolve: () => Promise.reject(thrown) });
      const error = await rejectionOf(app.accounts.get('porto'));
      expect(error).toMatchObject({ code: 'credentials_unavailable', account: 'porto' });
      expect(error.message).toContain(kind);
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2');
    },
  );

  it.each<[string, object]>([
    ['an option', Object.assign(unreadable('clientSecret'), { clientId: 'porto' })],
    ['an axios default', { clientId: 'porto', clientSecret: 'x', http: unreadable('httpAgent') }],
    [
      'a method of the store',
      { clientId: 'porto', clientSecret: 'x', tokenStore: unreadable('read') },
    ],
  ])('returns options of which %s cannot be read, and get() rejects', async (_, given) => {
    await using app = await accountsApp({ resolve: () => given });
    const error = await rejectionOf(app.accounts.get('porto'));
    expect(error).toMatchObject({ code: 'credentials_unavailable', account: 'porto' });
    expect(error.message).toContain('RangeError');
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2');
  });
});
