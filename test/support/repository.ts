import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root of this repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The files that match these patterns of git, with new ones and without ignored ones; paths from the root. */
export function repositoryFiles(...patterns: string[]): string[] {
  const options = ['--cached', '--others', '--exclude-standard', '--deduplicate'];
  const listed = execFileSync('git', ['ls-files', ...options, '--', ...patterns], { cwd: ROOT });
  return listed
    .toString()
    .split('\n')
    .filter((path) => path !== '' && existsSync(ROOT + path));
}

/** The text of a file; its path from the root. */
export function repositoryText(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}
