import { lanes } from '../harness/lanes.mjs';
import { progress } from '../harness/progress.mjs';
import { shuffled } from '../harness/shuffled.mjs';
import { Team } from '../harness/team.mjs';

/**
 * The CPU per request of each contestant over that of bare axios in the same round. Each round goes through all
 * contestants in an order of its own; each generation has fresh processes, since the same code is compiled differently each time.
 */
export async function ratios(contestants, { stub, load, generations, rounds, warmUp }) {
  const found = new Map(contestants.map(({ name }) => [name, []]));
  for (let generation = 1; generation <= generations; generation++) {
    const where = `${stub ? 'stub transport' : 'loopback'}, processes ${generation}/${generations}`;
    progress(`CPU, ${where}: start`);
    const team = new Team();
    const children = await start(team, contestants, { stub, load: { ...load, ms: warmUp } });
    for (let round = 1; round <= rounds; round++) {
      const costs = new Map();
      for (const name of shuffled(children.keys())) {
        costs.set(name, await children.get(name).call('cpu', load));
      }
      for (const [name, cost] of costs) found.get(name).push(cost / costs.get('bare'));
      progress(`CPU, ${where}: round ${round}/${rounds}`);
    }
    team.stop();
  }
  return found;
}

// Warm once they have run so long: under 64 callers, a call costs five times as much in the first third of a second.
async function start(team, contestants, { stub, load }) {
  const started = await lanes(2, contestants, async ({ name }) => {
    const child = await team.contestant(name, await team.account(), { stub });
    await child.call('volley', { count: 1 });
    await child.call('cpu', load);
    return [name, child];
  });
  return new Map(started);
}
