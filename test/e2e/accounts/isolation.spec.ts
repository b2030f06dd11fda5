import { beforeEach, describe, expect, it } from 'vitest';
import { accountsApp, api, setUp } from '../../support/accounts-app.js';
import { advance } from '../../support/time.js';

const KEYS = Array.from({ length: 20 }, (_, n) => `u${n}`);

beforeEach(setUp);

describe('concurrent requests of many accounts, some of which are evicted, revoked or rotated', () => {
  it('carry the token and tenant of their own key, and all succeed', async () => {
    await using app = await accountsApp({ max: 5, resolve: async (key) => api.optionsOf(key) });
    const changes = new Map<string, number>();
    for (let round = 0; round < 3; round++) {
      KEYS.forEach((key, n) => {
        const change = (n + round) % 4;
        if (change > 1) return;
        changes.set(key, (changes.get(key) ?? 0) + 1);
        if (change === 0) api.revoke(key);
        else api.rotate(key);
      });
      // Each account is used twice, in another order in each round.
      const keys = [...KEYS, ...KEYS].map((_, n) => KEYS[(n * 7 + round * 3) % KEYS.length]!);
      expect(await Promise.all(keys.map(app.call))).toEqual(keys);
      await advance(1_000);
    }
    const mixed = api.calls.filter(({ owner, tenant }) => owner && tenant !== `tenant-${owner}`);
    expect(mixed).toEqual([]);
    expect(app.accounts.size).toBe(5);
    // One for each answer of `resolve`, and one for each time that the token was revoked.
    const resolved = (key: string) =>
      app.resolve.mock.calls.filter(([each]) => each === key).length;
    const tooMany = KEYS.filter(
      (key) => api.tokenRequestsOf(key) > resolved(key) + (changes.get(key) ?? 0),
    );
    expect(tooMany).toEqual([]);
  });
});
