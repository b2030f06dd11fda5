import { everyone } from './everyone.mjs';

const QUICK = { callers: 8, lifetime: 8, ms: 1_500 };
const FULL = { callers: 64, lifetime: 30, ms: 5_000 };

export const outage = {
  title: 'Token endpoint down, the token still valid',
  text:
    'The endpoint answers 503 for 5 s, from before the renewal is due to before the token ends; 64 callers (1.5 s and 8 ' +
    'callers in a quick run). Token requests: those during the outage.',
  head: ['token requests', 'failed calls'],
  run({ quick }) {
    // Somewhere between 70 and 80 % of this each contestant is due to renew.
    const { lifetime, ...load } = quick ? QUICK : FULL;
    return everyone({ margin: lifetime / 5 }, async ({ child, account }) => {
      await account.set({ lifetime });
      await child.call('volley', { count: 1 });
      await account.set({ latency: 200, spread: 200 });
      await account.tokenIs(lifetime * 700 - 200);
      const before = await account.counts();
      await account.set({ tokenFault: 'down' });
      const { failed, calls } = await child.call('load', load);
      const { tokenRequests } = await account.counts();
      return [tokenRequests - before.tokenRequests, `${failed} of ${calls}`];
    });
  },
};
