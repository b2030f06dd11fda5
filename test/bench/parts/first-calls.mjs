import { lanes } from '../harness/lanes.mjs';
import { progress } from '../harness/progress.mjs';
import { shuffled } from '../harness/shuffled.mjs';
import { Team } from '../harness/team.mjs';

/**
 * The CPU per request of the first calls of a process, before its code is compiled, over loopback and over that of bare
 * axios in the same round. One call comes first, which loads what is loaded late and fetches the token.
 */
export async function firstCalls(contestants, { calls, callers, rounds, lanes: count = 1 }) {
  const found = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    const costs = new Map();
    await lanes(count, shuffled(contestants), async ({ name }) => {
      costs.set(name, await costOf(name, { calls, callers }));
    });
    for (const [name, cost] of costs) found.get(name).push(cost / costs.get('bare'));
    progress(`CPU of the first calls: round ${round}/${rounds}`);
  }
  return found;
}

async function costOf(name, load) {
  const team = new Team();
  const child = await team.contestant(name, await team.account());
  await child.call('volley', { count: 1 });
  const cost = await child.call('cpuOf', load);
  team.stop();
  return cost;
}
