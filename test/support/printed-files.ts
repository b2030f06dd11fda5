import { readFile } from 'node:fs/promises';
import { type CodeBlock, codeBlocks } from './markdown.js';
import { ROOT } from './repository.js';

/** A TypeScript block of a page, as a file of its own. */
export interface PrintedFile extends CodeBlock {
  /** Without a folder. */
  readonly name: string;
  /** The test runner, if the file is for one of the two only. */
  readonly runner?: string;
}

/** The files of a page, named by their first lines: `// name.ts`, or `// name.ts (Jest)`. */
export async function printedFiles(page: string): Promise<PrintedFile[]> {
  const blocks = codeBlocks(await readFile(ROOT + page, 'utf8'), 'ts');
  return blocks.map((block, index) => {
    const [, name, runner] = /^\/\/ (\S+\.ts)(?: \((Jest|Vitest)\))?\n/.exec(block.code) ?? [];
    return { ...block, name: name ?? `block-${index + 1}.ts`, runner };
  });
}
