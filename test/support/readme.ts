import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Below node_modules, so that the blocks find the package and its peers by name, as a user's file would.
const folder = `${root}node_modules/.cache/readme`;

/** One TypeScript block of a Markdown file, as a file of its own. */
export interface CodeBlock {
  readonly heading: string;
  readonly code: string;
  readonly file: string;
}

/** The ```ts blocks of README.md, each under the heading that it stands below. */
export function readmeBlocks(): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let heading = '';
  let code: string[] | undefined;
  for (const line of readFileSync(`${root}README.md`, 'utf8').split('\n')) {
    if (!code && line.startsWith('#')) heading = line.replace(/^#+ /, '');
    if (code && line === '```') {
      blocks.push({
        heading,
        code: code.join('\n'),
        file: `${folder}/block-${blocks.length + 1}.mts`,
      });
      code = undefined;
    } else if (line === '```ts') code = [];
    else code?.push(line);
  }
  return blocks;
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  noEmit: true,
};

/** What the compiler says against the blocks; empty when all compile. */
export function compileErrors(blocks: readonly CodeBlock[]): string[] {
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of blocks) writeFileSync(file, code);
  const program = ts.createProgram(
    blocks.map(({ file }) => file),
    options,
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
}

/** Runs a block and gives what it exports. */
export async function run(block: CodeBlock): Promise<Record<string, unknown>> {
  const { outputText } = ts.transpileModule(block.code, {
    fileName: block.file,
    compilerOptions: { ...options, noEmit: false },
  });
  const file = block.file.replace('.mts', '.mjs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, outputText);
  return (await import(/* @vite-ignore */ file)) as Record<string, unknown>;
}
