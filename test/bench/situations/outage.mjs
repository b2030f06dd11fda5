import { setTimeout } from 'node:timers/promises';
import { everyone } from './everyone.mjs';

export const outage = {
  title: 'Token endpoint down, the token still valid',
  text:
    'The endpoint answers 503 for 5 s, from before the renewal is due to before the token ends; 64 callers. ' +
    'Token requests: those during the outage.',
  head: ['token requests', 'failed calls'],
  run({ quick }) {
    // Somewhere between 70 and 80 % of this each contestant is due to renew.
    const lifetime = quick ? 10 : 30;
    const down = quick ? 2_000 : 5_000;
    return everyone({ margin: lifetime / 5 }, async ({ child, account }) => {
      await account.set({ lifetime });
      await child.call('volley', { count: 1 });
      await account.set({ latency: 200, spread: 200 });
      await setTimeout(lifetime * 700 - 200);
      const before = await account.counts();
      await account.set({ tokenFault: 'down' });
      const { failed, calls } = await child.call('load', { ms: down });
      const { tokenRequests } = await account.counts();
      return [tokenRequests - before.tokenRequests, `${failed} of ${calls}`];
    });
  },
};
