import { beforeEach, describe, expect, it } from 'vitest';
import type { TokenService } from '../../../lib/index.js';
import { accountsApp, api, setUp } from '../../support/accounts-app.js';
import { advance, settle, waitUntil } from '../../support/time.js';

const HOUR_MS = 3_600_000;

beforeEach(setUp);

/** Advances time to the planned renewal, and waits until it has ended and the next one is planned. */
async function attemptRenewal(tokens: TokenService): Promise<void> {
  await advance(Number(tokens.status.nextRenewalAt) - Date.now());
  await waitUntil(() => Number(tokens.status.nextRenewalAt ?? 0) > Date.now());
}

describe('the renewal of an account at run time', () => {
  it('runs ahead once after a use, and not again without one', async () => {
    await using app = await accountsApp({ idleAfter: 100_000 });
    await app.call('porto');
    await advance(HOUR_MS);
    await waitUntil(() => api.tokenRequestsOf('porto') === 2);
    await advance(3 * HOUR_MS, HOUR_MS);
    expect(api.tokenRequestsOf('porto')).toBe(2);
    expect((await app.accounts.get('porto')).tokens.status).toMatchObject({ state: 'expired' });
    expect(await app.call('porto')).toBe('porto');
    expect(api.tokenRequestsOf('porto')).toBe(3);
  });

  it('is planned again by the next use, although the token is still valid', async () => {
    await using app = await accountsApp({ idleAfter: 100_000 });
    await app.call('porto');
    const { tokens } = await app.accounts.get('porto');
    await advance(HOUR_MS);
    await waitUntil(() => app.events.length === 2);
    // Past the time at which the second token would be renewed, and before its end.
    await advance(HOUR_MS - 100_000);
    expect(tokens.status).toMatchObject({ state: 'valid' });
    expect(tokens.status.nextRenewalAt).toBeUndefined();
    await app.call('porto');
    await settle(waitUntil(() => api.tokenRequestsOf('porto') === 3));
    await waitUntil(() => app.events.length === 3);
    expect(tokens.status.nextRenewalAt).toBeInstanceOf(Date);
  });

  it('is tried again after a failure until it succeeds, and then not again without a use', async () => {
    await using app = await accountsApp({ idleAfter: 100_000 });
    await app.call('porto');
    const { tokens } = await app.accounts.get('porto');
    api.failing.add('porto');
    while (tokens.status.state === 'valid') await attemptRenewal(tokens);
    for (let attempts = 0; attempts < 5; attempts++) await attemptRenewal(tokens);
    expect(tokens.status.lastError).toMatchObject({ code: 'token_request_failed' });
    api.failing.delete('porto');
    await attemptRenewal(tokens);
    expect(tokens.status.state).toBe('valid');
    expect(tokens.status.lastError).toBeUndefined();
    const requests = api.tokenRequestsOf('porto');
    await advance(3 * HOUR_MS, HOUR_MS);
    expect(api.tokenRequestsOf('porto')).toBe(requests);
    expect(tokens.status.nextRenewalAt).toBeUndefined();
  });
});

describe('accounts.events$', () => {
  it('publishes the events of each account with its key', async () => {
    await using app = await accountsApp();
    await app.call('a');
    await app.call('b');
    const { tokens } = await app.accounts.get('a');
    await tokens.renew();
    expect(app.events).toMatchObject([
      { key: 'a', type: 'issued', reason: 'demand' },
      { key: 'b', type: 'issued', reason: 'demand' },
      { key: 'a', type: 'issued', reason: 'manual' },
    ]);
  });
});

describe('accounts.health()', () => {
  it('counts the accounts of each health, and lists at most ten unhealthy ones, those that are down first', async () => {
    await using app = await accountsApp({
      resolve: (key) => ({
        ...api.optionsOf(key),
        ...(key.startsWith('bad') && { clientSecret: 'wrong-one' }),
      }),
    });
    for (const key of ['fading', 'fading-first']) {
      await app.call(key);
      api.failing.add(key);
      const { tokens } = await app.accounts.get(key);
      await expect(settle(tokens.renew())).rejects.toMatchObject({ code: 'token_request_failed' });
    }
    await app.call('good');
    await app.accounts.get('unused');
    const degraded = { health: 'degraded', code: 'token_request_failed' };
    const { worst: few, ...counts } = app.accounts.health();
    expect(counts).toEqual({ valid: 1, degraded: 2, down: 0, idle: 1 });
    expect(few).toMatchObject([degraded, degraded]);

    const bad = Array.from({ length: 9 }, (_, n) => `bad-${n}`);
    await Promise.all(bad.map((key) => app.call(key).catch(() => {})));
    const { worst, ...all } = app.accounts.health();
    expect(all).toEqual({ valid: 1, degraded: 2, down: 9, idle: 1 });
    expect(worst).toHaveLength(10);
    expect(worst[0]).toMatchObject({
      health: 'down',
      code: 'invalid_client',
      retryAt: expect.any(Date),
    });
    expect(worst.map(({ health }) => health).at(-1)).toBe('degraded');
  });
});
