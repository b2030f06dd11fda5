import { spread } from '../harness/stats.mjs';
import { Team } from '../harness/team.mjs';
import { inTurn } from './in-turn.mjs';

const TOKEN_DELAY_MS = 300;
const QUICK = { rounds: 1, lanes: 4 };
const FULL = { rounds: 3, lanes: 1 };

export const coldStart = {
  title: 'Cold start: 1,000 first calls at once',
  text:
    'The token endpoint takes 300 ms. Time: until the last call is answered, over that of one first call and then ' +
    '1,000 calls at once, each in a fresh process.',
  head: ['token requests', 'failed calls', 'time'],
  async run({ quick }) {
    const found = await inTurn({ title: this.title, ...(quick ? QUICK : FULL) }, async (name) => {
      const apart = await volleys(name, [1, 1000]);
      const atOnce = await volleys(name, [1000]);
      return { ...atOnce, time: atOnce.ms / apart.ms };
    });
    return found.map(({ label, results }) => [
      label,
      Math.max(...results.map(({ tokenRequests }) => tokenRequests)),
      Math.max(...results.map(({ failed }) => failed)),
      spread(results.map(({ time }) => time)),
    ]);
  },
};

async function volleys(name, counts) {
  const team = new Team();
  const account = await team.account({ tokenDelay: TOKEN_DELAY_MS });
  const child = await team.contestant(name, account, { startup: 'lazy' });
  const total = { ms: 0, failed: 0 };
  for (const count of counts) {
    const { ms, failed } = await child.call('volley', { count });
    total.ms += ms;
    total.failed += failed;
  }
  const { tokenRequests } = await account.counts();
  team.stop();
  return { ...total, tokenRequests };
}
