import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DokStampConfigError } from '../errors/dokstamp-config.error.js';

const NEST_CORE = '@nestjs/core';

/**
 * The error if Nest's own classes are not known to the app's container: the app and this package load two copies of
 * `@nestjs/core`, as npm workspaces with two versions do.
 */
export function twoCopiesOfNest(): DokStampConfigError {
  const copies = nestCopies();
  const found = copies.length > 1 ? `: ${copies.join(' and ')}` : '';
  return new DokStampConfigError([
    `The app and nestjs-dokstamp load two copies of ${NEST_CORE}${found}. ` +
      `Run \`npm ls ${NEST_CORE}\`, and install one version for both.`,
  ]);
}

/** Version and folder of each copy that the app's main module, its folder or this package would load. */
function nestCopies(): string[] {
  try {
    const [, main] = process.argv;
    const starts = [...(main ? [dirname(realpathSync(main))] : []), process.cwd()];
    const own = foldersOf('nestjs-dokstamp', starts);
    return foldersOf(NEST_CORE, [...starts, ...own]).map((folder) => {
      const { version } = JSON.parse(manifest(folder)) as { version?: string };
      return `${version} (${folder})`;
    });
  } catch {
    return [];
  }
}

function manifest(folder: string): string {
  return readFileSync(join(folder, 'package.json'), 'utf8');
}

/** The folders of a package as seen from these folders: the first `node_modules` upwards that has it. */
function foldersOf(name: string, starts: readonly string[]): string[] {
  const found = starts.flatMap((start) => {
    const folder = foldersUp(start)
      .map((each) => join(each, 'node_modules', name))
      .find((each) => existsSync(join(each, 'package.json')));
    return folder === undefined ? [] : [realpathSync(folder)];
  });
  return [...new Set(found)];
}

function foldersUp(start: string): string[] {
  const parent = dirname(start);
  return parent === start ? [start] : [start, ...foldersUp(parent)];
}
