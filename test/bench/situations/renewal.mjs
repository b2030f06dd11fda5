import { spread } from '../harness/stats.mjs';
import { Team } from '../harness/team.mjs';
import { inTurn } from './in-turn.mjs';

// Long enough that a fifth of it, the margin of renewal, is more than the second that one contestant always keeps.
const LIFETIME_S = 6;
const LATENCY_MS = 50;

export const renewal = {
  title: 'Renewal under 64 callers',
  text:
    'The token endpoint takes 300 ms, a token lasts 6 s, and the API answers after 50 ms. Waiting: calls of more than ' +
    '150 ms. Tail: p99.9 ÷ p50, over the same without renewals.',
  head: ['token requests', 'failed calls', 'waiting calls', 'tail'],
  async run({ quick }) {
    const ms = (quick ? 1.2 : 2.2) * LIFETIME_S * 1000;
    const found = await inTurn(1, 'renewal', (name) => loads(name, ms, quick));
    return found.map(({ label, results: [{ calm, renewing, tokenRequests }] }) => [
      label,
      tokenRequests,
      `${renewing.failed} of ${renewing.calls}`,
      `${renewing.waiting} (${calm.waiting} without renewals)`,
      spread([renewing.tail / calm.tail]).split(' ')[0],
    ]);
  },
};

async function loads(name, ms, quick) {
  const calm = await loaded(name, 43_200, quick ? 1_500 : 6_000);
  const renewing = await loaded(name, LIFETIME_S, ms);
  return { calm: calm.load, renewing: renewing.load, tokenRequests: renewing.tokenRequests };
}

async function loaded(name, lifetime, ms) {
  const team = new Team();
  const account = await team.account({ lifetime, latency: LATENCY_MS });
  const child = await team.contestant(name, account, { startup: 'lazy', margin: LIFETIME_S / 5 });
  await child.call('volley', { count: 1 });
  await child.call('volley', { count: 64 });
  await account.set({ tokenDelay: 300 });
  const before = await account.counts();
  const load = await child.call('load', { ms, waitingFrom: LATENCY_MS + 100 });
  const { tokenRequests } = await account.counts();
  team.stop();
  return { load, tokenRequests: tokenRequests - before.tokenRequests };
}
