import { setTimeout } from 'node:timers/promises';
import { everyone } from './everyone.mjs';

const LIFETIME_S = 10;
const SLOW_MS = 1_200;

export const slowEndpoint = {
  title: 'Slow token endpoint',
  text:
    'When the renewal is due, 2 to 3 s before the end of the token, the endpoint takes 1.2 s; 64 callers. Waiting: ' +
    'calls of more than 900 ms where the API takes 200 to 400.',
  head: ['token requests', 'failed calls', 'waiting calls'],
  run: () =>
    everyone({ margin: LIFETIME_S / 5 }, async ({ child, account }) => {
      await account.set({ lifetime: LIFETIME_S });
      await child.call('volley', { count: 1 });
      await account.set({ latency: 200, spread: 200 });
      await child.call('volley', { count: 64 });
      await setTimeout(LIFETIME_S * 700 - 700);
      const before = await account.counts();
      await account.set({ tokenDelay: SLOW_MS });
      const load = await child.call('load', { ms: 3_000, waitingFrom: 900 });
      const { tokenRequests } = await account.counts();
      return [
        tokenRequests - before.tokenRequests,
        `${load.failed} of ${load.calls}`,
        load.waiting,
      ];
    }),
};
