import { Team } from '../harness/team.mjs';
import { inTurn } from './in-turn.mjs';

const LIFETIME_S = 10;
const SLOW_MS = 1_200;
const QUICK = { callers: 8, lanes: 8 };
const FULL = { callers: 64, lanes: 2 };

export const slowEndpoint = {
  title: 'Slow token endpoint',
  text:
    'From before the renewal is due, 2 to 3 s before the end of the token, until after that end the endpoint takes ' +
    '1.2 s; 64 callers (8 in a quick run). Waiting: calls of more than 900 ms where the API takes 200 to 400.',
  head: ['token requests', 'failed calls', 'waiting calls'],
  async run({ quick }) {
    const { title } = this;
    const { callers, lanes } = quick ? QUICK : FULL;
    const found = await inTurn({ title, rounds: 1, lanes }, (name) => renewSlowly(name, callers));
    return found.map(({ label, results: [{ tokenRequests, load }] }) => [
      label,
      tokenRequests,
      `${load.failed} of ${load.calls}`,
      load.waiting,
    ]);
  },
};

async function renewSlowly(name, callers) {
  const team = new Team();
  const account = await team.account({ lifetime: LIFETIME_S });
  const child = await team.contestant(name, account, { startup: 'lazy', margin: LIFETIME_S / 5 });
  await child.call('volley', { count: 1 });
  await account.set({ latency: 200, spread: 200 });
  await child.call('volley', { count: callers });
  await account.tokenIs(LIFETIME_S * 700 - 300);
  const before = await account.counts();
  await account.set({ tokenDelay: SLOW_MS });
  const load = await child.call('load', { ms: 5_000, callers, waitingFrom: 900 });
  const { tokenRequests } = await account.counts();
  team.stop();
  return { load, tokenRequests: tokenRequests - before.tokenRequests };
}
