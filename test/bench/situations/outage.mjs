import { setTimeout } from 'node:timers/promises';
import { everyone } from './everyone.mjs';

export const outage = {
  title: 'Token endpoint down, the token still valid',
  text:
    'The endpoint answers 503 for 5 s, from just before the renewal is due to just before the token ends; 64 callers. ' +
    'Token requests are those during the outage.',
  head: ['token requests', 'failed calls'],
  run({ quick }) {
    const lifetime = quick ? 12 : 30;
    const down = quick ? 1_800 : 5_000;
    return everyone({ margin: lifetime / 5 }, async ({ child, account }) => {
      await account.set({ lifetime });
      await child.call('volley', { count: 1 });
      await account.set({ latency: 100, spread: 200 });
      await setTimeout(lifetime * 800 - 500);
      const before = await account.counts();
      await account.set({ tokenFault: 'down' });
      const { failed, calls } = await child.call('load', { ms: down - 300 });
      const { tokenRequests } = await account.counts();
      return [tokenRequests - before.tokenRequests, `${failed} of ${calls}`];
    });
  },
};
