import { beforeEach, describe, expect, it } from 'vitest';
import type { DokStampOptions } from '../../../lib/index.js';
import { accountsApp, api, setUp } from '../../support/accounts-app.js';
import { deferred } from '../../support/deferred.js';
import { MapTokenStore } from '../../support/map-token-store.js';
import { rejectionOf } from '../../support/stub-account.js';
import { advance, settle, waitUntil } from '../../support/time.js';

beforeEach(setUp);

describe('the account cache', () => {
  it('keeps max accounts, and evicts the least recently used one', async () => {
    await using app = await accountsApp({ max: 2 });
    for (const key of ['a', 'b', 'a', 'c']) await app.call(key);
    await waitUntil(() => app.accounts.size === 2);
    expect(app.kept('a', 'b', 'c')).toEqual(['a', 'c']);
  });

  it('keeps 1,000 accounts by default', async () => {
    await using app = await accountsApp();
    for (let n = 1; n <= 1_002; n++) await app.accounts.get(`u${n}`);
    await waitUntil(() => app.accounts.size === 1_000);
    expect(app.kept('u1', 'u2', 'u3', 'u1002')).toEqual(['u3', 'u1002']);
  });

  it('does not count a renewal ahead as a use', async () => {
    await using app = await accountsApp({ max: 2, idleAfter: 100_000 });
    await app.call('a');
    await advance(1_000_000);
    await app.call('b');
    await advance(2_550_000);
    await waitUntil(() => api.tokenRequestsOf('a') === 2);
    expect(api.tokenRequestsOf('b')).toBe(1);
    await app.call('c');
    await waitUntil(() => app.accounts.size === 2);
    expect(app.kept('a', 'b', 'c')).toEqual(['b', 'c']);
  });

  it('evicts down to max after a burst of more keys, whose requests all succeed', async () => {
    await using app = await accountsApp({ max: 5, resolve: async (key) => api.optionsOf(key) });
    const keys = Array.from({ length: 30 }, (_, n) => `u${n}`);
    const owners = await Promise.all([...keys, ...keys].map(app.call));
    expect(owners).toEqual([...keys, ...keys]);
    await waitUntil(() => app.accounts.size === 5);
  });

  it('evicts an account that was not used for idleAfter', async () => {
    await using app = await accountsApp({ idleAfter: 100 });
    await app.call('a');
    const { tokens } = await app.accounts.get('a');
    expect(tokens.status.nextRenewalAt).toBeInstanceOf(Date);
    await app.accounts.get('b');
    await advance(60_000);
    await app.accounts.get('b');
    await advance(60_000, 10_000);
    expect(app.kept('a', 'b')).toEqual(['b']);
    expect(tokens.status.nextRenewalAt).toBeUndefined();
    expect(app.accounts.size).toBe(1);
  });

  it('evicts an account after an hour without a use by default, although its token was renewed ahead', async () => {
    await using app = await accountsApp();
    await app.call('a');
    await advance(3_580_000);
    await waitUntil(() => api.tokenRequestsOf('a') === 2);
    expect(app.kept('a')).toEqual(['a']);
    await advance(100_000, 10_000);
    expect(app.kept('a')).toEqual([]);
    expect(app.accounts.size).toBe(0);
  });

  it('counts an API request and a token request as a use, without get()', async () => {
    await using app = await accountsApp({ idleAfter: 100 });
    const a = await app.accounts.get('a');
    const b = await app.accounts.get('b');
    await app.accounts.get('c');
    await advance(90_000);
    await a.http.axiosRef.get('/certificates');
    await b.tokens.getToken();
    await advance(50_000, 10_000);
    expect(app.kept('a', 'b', 'c')).toEqual(['a', 'b']);
  });
});

describe('accounts.delete()', () => {
  it('forgets an account at once, and its request under way completes', async () => {
    await using app = await accountsApp();
    const { http } = await app.accounts.get('porto');
    const call = http.axiosRef.get('/certificates');
    expect(await app.accounts.delete('porto')).toBe(true);
    expect(app.accounts.has('porto')).toBe(false);
    expect((await call).status).toBe(200);
    expect(await app.accounts.delete('porto')).toBe(false);
    await app.accounts.get('porto');
    expect(app.resolve).toHaveBeenCalledTimes(2);
  });

  it('forgets an account that is being resolved, and the caller of get() can use it', async () => {
    const row = deferred<DokStampOptions>();
    await using app = await accountsApp({ resolve: () => row.promise });
    const requested = app.accounts.get('porto');
    expect(await app.accounts.delete('porto')).toBe(true);
    row.resolve(api.optionsOf('porto'));
    expect((await (await requested).http.axiosRef.get('/certificates')).status).toBe(200);
    expect(app.accounts.has('porto')).toBe(false);
  });
});

describe('an evicted account', () => {
  it('has no planned renewal, and can still be used', async () => {
    await using app = await accountsApp({ max: 1 });
    await app.call('a');
    const { http, tokens } = await app.accounts.get('a');
    expect(tokens.status.nextRenewalAt).toBeInstanceOf(Date);
    await app.call('b');
    await waitUntil(() => app.accounts.size === 1);
    expect(app.accounts.has('a')).toBe(false);
    expect(tokens.status.nextRenewalAt).toBeUndefined();
    api.revoke('a');
    expect((await http.axiosRef.get('/certificates')).data).toEqual({ owner: 'a' });
    expect(tokens.status.nextRenewalAt).toBeUndefined();
  });

  it('completes the request that was under way when others took its place', async () => {
    await using app = await accountsApp({ max: 1 });
    const { http, tokens } = await app.accounts.get('a');
    const answer = deferred<string>();
    const call = http.axiosRef.get<string>('/certificates', {
      adapter: async (config) => {
        const data = await answer.promise;
        return { data, status: 200, statusText: 'OK', headers: {}, config };
      },
    });
    await waitUntil(() => tokens.status.state === 'valid');
    await app.call('b');
    await app.call('c');
    answer.resolve('completed');
    expect((await call).data).toBe('completed');
    await app.call('d');
    await waitUntil(() => app.accounts.size === 1);
    expect(tokens.status.nextRenewalAt).toBeUndefined();
  });

  it('requests a token again when its key is requested again', async () => {
    await using app = await accountsApp({ max: 1 });
    for (const key of ['a', 'b', 'a']) await app.call(key);
    expect(api.tokenRequestsOf('a')).toBe(2);
    expect(app.resolve.mock.calls.map(([key]) => key)).toEqual(['a', 'b', 'a']);
  });

  it('finds its token in the store when its key is requested again', async () => {
    await using app = await accountsApp({ max: 1, tokenStore: new MapTokenStore() });
    await app.call('a');
    await app.call('b');
    await waitUntil(() => app.accounts.size === 1);
    expect(app.accounts.has('a')).toBe(false);
    await app.call('a');
    expect(api.tokenRequestsOf('a')).toBe(1);
  });

  it('does not take a token from the store that was refused before the eviction', async () => {
    await using app = await accountsApp({ max: 1, tokenStore: new MapTokenStore() });
    await app.call('a');
    api.revoke('a');
    api.failing.add('a');
    for (let calls = 0; calls < 4; calls++) await rejectionOf(settle(app.call('a')));
    await app.call('b');
    await waitUntil(() => app.accounts.size === 1);
    expect(app.accounts.has('a')).toBe(false);
    const sent = api.calls.length;
    await expect(settle(app.call('a'))).rejects.toMatchObject({ code: 'token_request_failed' });
    expect(api.calls).toHaveLength(sent);
  });
});
