import { Team } from '../harness/team.mjs';
import { inTurn } from './in-turn.mjs';

// Long enough that a fifth of it, the margin of renewal, is more than the second that one contestant always keeps.
const LIFETIME_S = 6;
const LATENCY_MS = 50;
const QUICK = { calm: 1_000, renewing: 6_000, lanes: 4 };
const FULL = { calm: 6_000, renewing: 13_000, lanes: 1 };

export const renewal = {
  title: 'Renewal under 64 callers',
  text:
    'The token endpoint takes 300 ms, a token lasts 6 s, and the API answers after 50 ms. Waiting: calls of more than ' +
    '150 ms. Tail: p99.9 ÷ p50, over the same without renewals.',
  head: ['token requests', 'failed calls', 'waiting calls', 'tail'],
  async run({ quick }) {
    const { calm, renewing, ...turns } = quick ? QUICK : FULL;
    const found = await inTurn({ title: this.title, rounds: 1, ...turns }, (name) =>
      loads(name, calm, renewing),
    );
    return found.map(({ label, results: [{ calm, renewing, tokenRequests }] }) => [
      label,
      tokenRequests,
      `${renewing.failed} of ${renewing.calls}`,
      `${renewing.waiting} (${calm.waiting} without renewals)`,
      (renewing.tail / calm.tail).toFixed(2),
    ]);
  },
};

async function loads(name, calmMs, renewingMs) {
  const calm = await loaded(name, 43_200, calmMs);
  const renewing = await loaded(name, LIFETIME_S, renewingMs);
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
