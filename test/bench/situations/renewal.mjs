import { spread } from '../harness/stats.mjs';
import { Team } from '../harness/team.mjs';
import { inTurn } from './in-turn.mjs';

// Long enough that a fifth of it, the margin of renewal, is more than the second that one contestant always keeps.
const LIFETIME_S = 6;
const LATENCY_MS = 50;
const QUICK = { rounds: 1, lanes: 8, load: { callers: 8, warmUp: 500, ms: 5_700 } };
const FULL = { rounds: 2, lanes: 1, load: { callers: 64, warmUp: 2_000, ms: 6_000 } };

export const renewal = {
  title: 'Renewal under load',
  text:
    '64 callers (8 in a quick run). The token endpoint takes 300 ms, a token lasts 6 s, and the API answers after 50 ms. ' +
    'Waiting: calls of more than 150 ms. Tail: p99.9 ÷ p50, over the same without renewals.',
  head: ['token requests', 'failed calls', 'waiting calls', 'tail'],
  async run({ quick }) {
    const { rounds, lanes, load } = quick ? QUICK : FULL;
    const found = await inTurn({ title: this.title, rounds, lanes }, async (name) => ({
      calm: await loaded(name, { ...load, lifetime: 43_200 }),
      renewing: await loaded(name, { ...load, lifetime: LIFETIME_S }),
    }));
    return found.map(({ label, results }) => {
      const sum = (read) => results.map(read).reduce((a, b) => a + b, 0);
      return [
        label,
        sum(({ renewing }) => renewing.tokenRequests),
        `${sum(({ renewing }) => renewing.failed)} of ${sum(({ renewing }) => renewing.calls)}`,
        `${sum(({ renewing }) => renewing.waiting)} (${sum(({ calm }) => calm.waiting)} without renewals)`,
        spread(results.map(({ calm, renewing }) => renewing.tail / calm.tail)),
      ];
    });
  },
};

async function loaded(name, { callers, lifetime, warmUp, ms }) {
  const team = new Team();
  const account = await team.account({ lifetime, latency: LATENCY_MS });
  const child = await team.contestant(name, account, { startup: 'lazy', margin: LIFETIME_S / 5 });
  await child.call('volley', { count: 1 });
  await child.call('load', { ms: warmUp, callers });
  await account.set({ tokenDelay: 300 });
  const before = await account.counts();
  const load = await child.call('load', { ms, callers, waitingFrom: LATENCY_MS + 100 });
  const { tokenRequests } = await account.counts();
  team.stop();
  return { ...load, tokenRequests: tokenRequests - before.tokenRequests };
}
