import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { preProcessFile } from 'typescript';

/** One import of a file. */
export interface Import {
  readonly file: string;
  readonly specifier: string;
}

/** The imports from other packages, by `import`, `require`, `import()` or in types. */
export async function foreignImports(
  unpacked: string,
  files: readonly string[],
): Promise<Import[]> {
  const found = files.map(async (file) => {
    const text = await readFile(join(unpacked, file), 'utf8');
    const specifiers = preProcessFile(text, true, true).importedFiles;
    return specifiers.map(({ fileName }) => ({ file, specifier: fileName }));
  });
  return (await Promise.all(found)).flat().filter(({ specifier }) => !specifier.startsWith('.'));
}

/** The package that a specifier belongs to. */
export function packageOf({ specifier }: Import): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
