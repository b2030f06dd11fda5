import { setTimeout } from 'node:timers/promises';
import { everyone } from './everyone.mjs';

const LIFETIME_S = 10;
const SLOW_MS = 1_500;

export const slowEndpoint = {
  title: 'Slow token endpoint',
  text:
    'When the renewal is due, 2 s before the end of the token, the endpoint takes 1.5 s; 64 callers. Waiting: calls ' +
    'of more than 600 ms where the API takes 100 to 300.',
  head: ['token requests', 'failed calls', 'waiting calls'],
  run: () =>
    everyone({ margin: LIFETIME_S / 5 }, async ({ child, account }) => {
      await account.set({ lifetime: LIFETIME_S });
      await child.call('volley', { count: 1 });
      await account.set({ latency: 100, spread: 200 });
      await setTimeout(LIFETIME_S * 800 - 500);
      const before = await account.counts();
      await account.set({ tokenDelay: SLOW_MS });
      const load = await child.call('load', { ms: 3_000, waitingFrom: 600 });
      const { tokenRequests } = await account.counts();
      return [
        tokenRequests - before.tokenRequests,
        `${load.failed} of ${load.calls}`,
        load.waiting,
      ];
    }),
};
