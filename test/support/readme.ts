import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Below node_modules, so that the blocks find the package and its peers by name, as a user's file would.
const folder = `${root}node_modules/.cache/readme`;

/** One TypeScript block of a Markdown file, as a file of its own. */
export interface CodeBlock {
  readonly code: string;
  readonly file: string;
}

/** The ```ts blocks of README.md; the service and its test under the names by which they import each other. */
export function readmeBlocks(): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let code: string[] | undefined;
  for (const line of readFileSync(`${root}README.md`, 'utf8').split('\n')) {
    if (code && line === '```') {
      const text = code.join('\n');
      blocks.push({ code: text, file: `${folder}/${nameOf(text, blocks.length + 1)}.ts` });
      code = undefined;
    } else if (line === '```ts') code = [];
    else code?.push(line);
  }
  return blocks;
}

function nameOf(code: string, nth: number): string {
  if (code.includes('export class CertificatesService')) return 'certificates.service';
  if (code.includes('export class MapTokenStore')) return 'map-token-store';
  return code.includes("describe('CertificatesService'")
    ? 'certificates.service.test'
    : `block-${nth}`;
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node', 'vitest/globals'],
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
