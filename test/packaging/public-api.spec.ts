import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiReport } from './support/api-report.js';
import { ENTRY_POINTS, nameOf } from './support/entry-points.js';
import { setUpTarball, tarball, tearDownTarball, unpacked } from './support/unpacked-tarball.js';

const require = createRequire(import.meta.url);

beforeAll(setUpTarball);
afterAll(tearDownTarball);

describe.each(ENTRY_POINTS)('the public API of $subpath', (entry) => {
  let report: string;

  beforeAll(async () => {
    report = await apiReport(unpacked, entry.import.types);
  });

  // A change of these files is a change of the public API. `npm run api:update` writes them.
  it('has the pinned signatures', async () => {
    await expect(report).toMatchFileSnapshot(`../../etc/${nameOf(entry)}.api.md`);
  });

  it.each([
    ['imported', () => import(join(unpacked, entry.import.default))],
    ['required', async () => require(join(unpacked, entry.require.default))],
  ])('is complete when the package is %s', async (_, load: () => Promise<object>) => {
    expect(Object.keys(await load()).toSorted()).toEqual(valuesIn(report));
  });
});

it('the two builds have the same declarations', async () => {
  const declarations = tarball.files.filter((file) => /^dist\/esm\/.*\.d\.[cm]?ts$/.test(file));
  expect(declarations.length).toBeGreaterThan(0);
  for (const file of declarations) {
    const other = file.replace('dist/esm/', 'dist/cjs/');
    const [esm, cjs] = await Promise.all(
      [file, other].map((path) => readFile(join(unpacked, path), 'utf8')),
    );
    expect(cjs, other).toBe(esm);
  }
});

/** The names of a report that exist at run time, sorted. */
function valuesIn(report: string): string[] {
  const found = report.matchAll(/^export (?:abstract )?(?:class|const|function|enum|let) (\w+)/gm);
  return [...found].map(([, name = '']) => name).toSorted();
}
