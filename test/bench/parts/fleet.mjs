import { Simulation } from '../fleet/simulation.mjs';
import { table } from '../harness/markdown.mjs';

const HEAD = [
  'processes',
  'store',
  'token requests in the week',
  'of these in the outage',
  'most in a second: mass start',
  'deploy',
  'expiry',
  'end of the outage',
  'commands in the week',
  'most commands in a second',
];

/** A week of a fleet, simulated: `npm run bench -- fleet`. */
export function fleet({ quick }) {
  const rows = [];
  for (const size of quick ? [10, 1_000] : [10, 1_000, 100_000]) {
    for (const withStore of [false, true]) {
      const told = new Simulation(size, withStore, seeded(size)).run();
      const { requests, inOutage, atStart, atDeploy, atExpiry, afterOutage } = told;
      const asked = [requests, inOutage, atStart, atDeploy, atExpiry, afterOutage];
      const commands = withStore ? [told.commands, told.mostCommands] : [0, 0];
      const numbers = [...asked, ...commands].map((count) => count.toLocaleString('en-US'));
      rows.push([size.toLocaleString('en-US'), withStore ? 'yes' : 'no', ...numbers]);
    }
  }
  return `## A fleet over a week\n\n${table(HEAD, rows)}`;
}

// The same week each time (mulberry32).
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
