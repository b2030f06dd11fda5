import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { preProcessFile } from 'typescript';
import type { Arrow } from './flowchart.js';
import { ROOT, repositoryText } from './repository.js';

/** One file of lib that imports another, in whatever way; paths from lib. */
export type FileImport = Arrow;

/** The source files of lib. */
export const LIB_FILES: readonly string[] = readdirSync(`${ROOT}lib`, { recursive: true })
  .map(String)
  .filter((file) => /\.[cm]?ts$/.test(file));

/** The folders of lib that hold source files; '.' is lib itself. */
export const LIB_FOLDERS: ReadonlySet<string> = new Set(LIB_FILES.map((file) => dirname(file)));

/**
 * Every import between files of lib: import, export, import(), those in types and references.
 * @throws for one that leads out of lib, or nowhere
 */
export function libImports(): FileImport[] {
  return LIB_FILES.flatMap((from) => {
    const { importedFiles, referencedFiles } = preProcessFile(
      repositoryText(`lib/${from}`),
      true,
      true,
    );
    return [...importedFiles, ...referencedFiles]
      .map(({ fileName }) => fileName)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => ({ from, to: sourceOf(join(dirname(from), specifier), from) }));
  });
}

// A source is imported by the name of what is emitted for it.
function sourceOf(emitted: string, from: string): string {
  const source = emitted.replace(/\.([cm]?)js$/, '.$1ts');
  if (source.startsWith('..') || !existsSync(`${ROOT}lib/${source}`)) {
    throw new Error(`lib/${from} imports ${emitted}, which is no file of lib.`);
  }
  return source;
}
