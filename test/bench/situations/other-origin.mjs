import { everyone } from './everyone.mjs';

export const otherOrigin = {
  title: 'Another origin',
  text: 'What another origin is shown: by a call to its absolute URL, and by a redirect of the API to it.',
  head: ['absolute URL', 'redirect'],
  run: () =>
    everyone({}, async ({ child, account }) => {
      await child.call('volley', { count: 1 });
      await child.call('visit', { url: `${account.otherURL}/certificates` });
      const direct = (await account.counts()).elsewhere;
      await child.call('visit', { url: '/moved' });
      const { elsewhere } = await account.counts();
      return [shown(direct[0]), shown(elsewhere[direct.length])];
    }),
};

function shown(visit) {
  if (!visit) return 'not sent';
  const seen = ['token', 'tenant'].filter((name) => visit[name]);
  return seen.length > 0 ? seen.join(' and ') : 'nothing';
}
