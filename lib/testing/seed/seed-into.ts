import type { ResourceKinds } from '../resources/resource-kinds.js';
import { KINDS, listsOf } from './seed-input.js';
import type { SandboxSeeded } from './seed.interface.js';
import { Seeding } from './seeding.js';

/** Makes all of a seed, or nothing of it. */
export function seedInto(kinds: ResourceKinds, seed: unknown): SandboxSeeded {
  const lists = listsOf(seed);
  return kinds.store.atomically(() => {
    const seeding = new Seeding(kinds, lists);
    for (const name of KINDS) {
      for (const [nth, item] of lists[name].entries()) {
        seeding.make(name, item, { path: `${name}[${nth}]`, nth, isListed: true });
      }
    }
    return seeding.made.shown(kinds);
  });
}
