import { lanes } from '../harness/lanes.mjs';
import { progress } from '../harness/progress.mjs';
import { median } from '../harness/stats.mjs';
import { Team } from '../harness/team.mjs';

// A young generation that a thousand requests do not fill, so that what was allocated is still there to be counted.
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
const REQUESTS = 1_000;

/** KiB allocated per request on the stub transport, above the median of bare axios. */
export async function bytesAbove(contestants, samples) {
  const found = new Map();
  await lanes(2, contestants, async ({ name }) => {
    found.set(name, await bytesOf(name, samples));
    progress(`bytes allocated: ${name}`);
  });
  const limit = median(found.get('bare'));
  for (const [name, bytes] of found) {
    found.set(
      name,
      bytes.map((value) => (value - limit) / 1024),
    );
  }
  return found;
}

async function bytesOf(name, samples) {
  const team = new Team();
  const child = await team.contestant(name, await team.account(), { stub: true }, FLAGS);
  await child.call('volley', { count: 1 });
  await child.call('cpu', { count: 1, batch: 50, ms: 600 });
  const bytes = [];
  while (bytes.length < samples) {
    const sample = await child.call('bytes', { count: REQUESTS });
    if (sample !== undefined) bytes.push(sample);
  }
  team.stop();
  return bytes;
}
