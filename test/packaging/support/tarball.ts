import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.js';

/** The root of this repository. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** What `npm pack` makes of the build that is there. */
export interface Tarball {
  /** Absolute path of the `.tgz`. */
  readonly path: string;
  /** The files inside, relative to the package, sorted. */
  readonly files: readonly string[];
}

/** Packs the package as it is published, into a folder outside the repository. */
export async function pack(): Promise<Tarball> {
  const folder = await mkdtemp(join(tmpdir(), 'dokstamp-tarball-'));
  const options = ['--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(await run(REPOSITORY, 'npm', 'pack', ...options)) as [
    { filename: string; files: { path: string }[] },
  ];
  return {
    path: join(folder, packed.filename),
    files: packed.files.map(({ path }) => path).toSorted(),
  };
}
