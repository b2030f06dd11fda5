import { MANAGERS } from '../contestants/index.mjs';
import { progress } from '../harness/progress.mjs';

/** Runs one situation with all that manage a token, one after the other in each round: for what is timed. */
export async function inTurn(rounds, title, play) {
  const found = new Map(MANAGERS.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const { name } of MANAGERS) {
      progress(`${title}, round ${round}/${rounds}: ${name}`);
      found.get(name).push(await play(name));
    }
  }
  return MANAGERS.map(({ name, label }) => ({ label, results: found.get(name) }));
}
