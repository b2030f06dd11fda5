import { Team } from '../harness/team.mjs';
import { inTurn } from './in-turn.mjs';

// Long enough that a fifth of it, the margin of renewal, is more than the second that one contestant always keeps.
const LIFETIME_S = 6;
const LATENCY_MS = 50;
const QUICK = { callers: 8, warmUp: 500, calm: 1_000, renewing: 5_500, lanes: 8 };
const FULL = { callers: 64, warmUp: 2_000, calm: 6_000, renewing: 13_000, lanes: 1 };

export const renewal = {
  title: 'Renewal under load',
  text:
    '64 callers (8 in a quick run). The token endpoint takes 300 ms, a token lasts 6 s, and the API answers after 50 ms. ' +
    'Waiting: calls of more than 150 ms. Tail: p99.9 ÷ p50, over the same without renewals.',
  head: ['token requests', 'failed calls', 'waiting calls', 'tail'],
  async run({ quick }) {
    const { lanes, ...times } = quick ? QUICK : FULL;
    const { title } = this;
    const found = await inTurn({ title, rounds: 1, lanes }, (name) => loads(name, times));
    return found.map(({ label, results: [{ calm, renewing, tokenRequests }] }) => [
      label,
      tokenRequests,
      `${renewing.failed} of ${renewing.calls}`,
      `${renewing.waiting} (${calm.waiting} without renewals)`,
      (renewing.tail / calm.tail).toFixed(2),
    ]);
  },
};

async function loads(name, { calm: calmMs, renewing: renewingMs, ...common }) {
  const calm = await loaded(name, { ...common, lifetime: 43_200, ms: calmMs });
  const renewing = await loaded(name, { ...common, lifetime: LIFETIME_S, ms: renewingMs });
  return { calm: calm.load, renewing: renewing.load, tokenRequests: renewing.tokenRequests };
}

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
  return { load, tokenRequests: tokenRequests - before.tokenRequests };
}
