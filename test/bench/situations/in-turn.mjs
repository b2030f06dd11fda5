import { MANAGERS } from '../contestants/index.mjs';
import { lanes } from '../harness/lanes.mjs';
import { progress } from '../harness/progress.mjs';

/**
 * Runs one situation with all that manage a token, one after the other in each round: for what is timed. With more
 * than one lane they disturb each other, which is for a quick look only.
 */
export async function inTurn({ title, rounds, lanes: count }, play) {
  const found = new Map(MANAGERS.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    await lanes(count, MANAGERS, async ({ name }) => {
      found.get(name).push(await play(name));
      progress(`${title}, round ${round}/${rounds}: ${name}`);
    });
  }
  return MANAGERS.map(({ name, label }) => ({ label, results: found.get(name) }));
}
