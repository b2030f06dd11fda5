/** The name of the list that is spelt most like `given`, if one is near. Case and separators do not count. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const wanted = plain(given);
  const [nearest] = names
    .map((name) => ({ name, distance: distanceBetween(wanted, plain(name)) }))
    .toSorted((one, other) => one.distance - other.distance);
  return nearest && nearest.distance <= Math.max(2, wanted.length / 3) ? nearest.name : undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** `url` is as near to `baseURL` as a name with one wrong letter. */
function distanceBetween(one: string, other: string): number {
  const [short = '', long = ''] = [one, other].toSorted((a, b) => a.length - b.length);
  const isPart = short.length > 2 && short !== long && long.includes(short);
  return isPart ? 1 : editDistance(one, other);
}

/** How many letters must be added, removed or replaced (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[line - 1] === to[column - 1];
      const replaced = (row[column - 1] ?? 0) + (isSame ? 0 : 1);
      const added = (next[column - 1] ?? 0) + 1;
      const removed = (row[column] ?? 0) + 1;
      next.push(Math.min(replaced, added, removed));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
