import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root of this repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The text of a file; its path from the root. */
export function repositoryText(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}

/** The sources of the library; their paths from the root. */
export function libFiles(): string[] {
  return readdirSync(`${ROOT}lib`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `lib/${name}`)
    .toSorted();
}
