import { everyone } from './everyone.mjs';

export const refusedSecret = {
  title: 'Refused secret',
  text:
    'The token endpoint answers `invalid_client` from the first request on; 64 callers for 5 s (1.5 in a quick run), ' +
    'each pausing 100 ms after a failure. All calls fail, as they must; what counts is how often the endpoint is asked.',
  head: ['token requests', 'of so many calls', 'calls sent without a valid token'],
  run: ({ quick }) =>
    everyone({}, async ({ child, account }) => {
      await account.set({ tokenFault: 'refused' });
      const { calls } = await child.call('load', { ms: quick ? 1_500 : 5_000 });
      const { tokenRequests, refused } = await account.counts();
      return [tokenRequests, calls, refused];
    }),
};
