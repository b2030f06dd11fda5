import { setTimeout } from 'node:timers/promises';
import { everyone } from './everyone.mjs';

export const revocation = {
  title: 'Revocation under load',
  text:
    '64 callers, API latency spread over 300 ms; all tokens are revoked once, and the load goes on for 2 s. ' +
    'The token endpoint takes 100 ms.',
  head: ['token requests', 'failed calls'],
  run: () =>
    everyone({}, async ({ child, account }) => {
      await child.call('volley', { count: 1 });
      await account.set({ tokenDelay: 100, spread: 300 });
      await child.call('volley', { count: 64 });
      const before = await account.counts();
      const load = child.call('load', { ms: 3_000 });
      await setTimeout(1_000);
      await account.revoke();
      const { failed, calls } = await load;
      const { tokenRequests } = await account.counts();
      return [tokenRequests - before.tokenRequests, `${failed} of ${calls}`];
    }),
};
