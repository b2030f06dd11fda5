import { copyFile, mkdtemp, realpath, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.js';

/** The root of this repository. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** The package as it is published. */
export interface Tarball {
  /** Absolute path of the `.tgz`. The caller removes its folder. */
  readonly path: string;
  /** The files inside, relative to the package, sorted. */
  readonly files: readonly string[];
}

/** The tarball of a release, which `DOKSTAMP_TARBALL` names, or else the result of `npm pack`. */
export async function pack(): Promise<Tarball> {
  const folder = await mkdtemp(join(tmpdir(), 'dokstamp-tarball-'));
  const given = process.env.DOKSTAMP_TARBALL;
  const path = given ? await copied(given, folder) : await packed(folder);
  const listed = await run(REPOSITORY, 'tar', '-tzf', path);
  const files = listed.split('\n').filter((file) => file !== '' && !file.endsWith('/'));
  return { path, files: files.map((file) => file.replace('package/', '')).toSorted() };
}

/** Unpacks a tarball into a new folder with the peer dependencies. The caller removes the folder. */
export async function unpack({ path }: Tarball): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'dokstamp-unpacked-')));
  await run(folder, 'tar', '-xzf', path, '--strip-components=1');
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'), 'dir');
  return folder;
}

async function copied(given: string, folder: string): Promise<string> {
  const path = join(folder, basename(given));
  await copyFile(given, path);
  return path;
}

async function packed(folder: string): Promise<string> {
  const options = ['--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(await run(REPOSITORY, 'npm', 'pack', ...options)) as [
    { filename: string },
  ];
  return join(folder, filename);
}
