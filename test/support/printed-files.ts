import { codeBlocks } from './markdown.js';
import { repositoryText } from './repository.js';

/** A TypeScript block of a page, as a file of its own. */
export interface PrintedFile {
  /** Without a folder. */
  readonly name: string;
  readonly code: string;
  /** Where it runs on one of the two only. */
  readonly runner?: string;
}

/** The files of a page, under the names that their first lines tell: `// name.ts`, or `// name.ts (Jest)`. */
export async function printedFiles(page: string): Promise<PrintedFile[]> {
  const blocks = await codeBlocks(repositoryText(page), 'ts');
  return blocks.map((code, index) => {
    const [, name, runner] = /^\/\/ (\S+\.ts)(?: \((Jest|Vitest)\))?\n/.exec(code) ?? [];
    return { name: name ?? `block-${index + 1}.ts`, code, runner };
  });
}
