import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../repository.js';
import type { Example } from './examples.js';

const READERS_APP = `${ROOT}test/support/examples/readers-app`;

const READERS_NAMES = exportedNames(readFileSync(`${READERS_APP}.ts`, 'utf8'));

// An app's settings; the names of this package lead to its sources.
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.ESNext,
  // Resolves './certificates.service' with and without an extension, because CommonJS and ES modules differ in it.
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ['node', 'vitest/globals'],
  strict: true,
  noUncheckedIndexedAccess: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  noEmit: true,
  paths: {
    'nestjs-dokstamp': [`${ROOT}lib/index.ts`],
    'nestjs-dokstamp/*': [`${ROOT}lib/*/index.ts`],
  },
};

/** A file that exists in memory only. */
export interface VirtualFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly code: string;
  /** Where the code starts in the page or source that it comes from: its file, and its line from 1. */
  readonly origin: { readonly path: string; readonly line: number };
}

/** Compiles files in one program. Returns `<file>:<line>: <message>` for each error, with the place of origin. */
export function compileErrors(files: readonly VirtualFile[]): string[] {
  const codes = new Map(files.map(({ path, code }) => [ROOT + path, code]));
  const program = programOf(codes);
  const errors = files.flatMap(({ path, origin }) => {
    const source = program.getSourceFile(ROOT + path);
    const found = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return found.map(({ file, start = 0, messageText }) => {
      const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
      return `${origin.path}:${origin.line + line}: ${textOf(messageText)}`;
    });
  });
  const ofProgram = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  return [...ofProgram.map(({ messageText }) => textOf(messageText)), ...errors];
}

/** The example as a module, which sees the names of the reader's app. */
export function moduleOf({ path, line, code = '' }: Example): VirtualFile {
  const imports = `import { ${READERS_NAMES.join(', ')} } from '${READERS_APP}.js';`;
  // A block, so that an example can declare what the reader's app has too.
  const body = /^(imports|providers): /m.test(code)
    ? `({${code}}) satisfies ModuleMetadata;`
    : `{ ${code.replaceAll(/^export /gm, '')}\n}`;
  return {
    path: `examples/${path}.${line}.ts`,
    code: `${imports} ${body}`,
    origin: { path, line },
  };
}

function exportedNames(source: string): string[] {
  const listed = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)];
  const declared = [...source.matchAll(/^export declare (?:const|class) (\w+)/gm)];
  return [...listed, ...declared].flatMap(([, names = '']) => names.match(/\w+/g) ?? []);
}

function programOf(codes: ReadonlyMap<string, string>): ts.Program {
  const disk = ts.createCompilerHost(OPTIONS);
  const folders = new Set([...codes.keys()].map((path) => dirname(path)));
  const host: ts.CompilerHost = {
    ...disk,
    getCurrentDirectory: () => ROOT,
    fileExists: (path) => codes.has(path) || disk.fileExists(path),
    directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
    getSourceFile(path, version, ...rest) {
      const code = codes.get(path);
      return code === undefined
        ? disk.getSourceFile(path, version, ...rest)
        : ts.createSourceFile(path, code, version);
    },
  };
  return ts.createProgram([...codes.keys()], OPTIONS, host);
}

function textOf(message: string | ts.DiagnosticMessageChain): string {
  return ts.flattenDiagnosticMessageText(message, ' ');
}
