import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { run } from '../packaging/support/command.js';
import type { PrintedFile } from './printed-files.js';
import { ROOT } from './repository.js';

// What the files import by the name of this package is the source.
const PATHS = {
  'nestjs-dokstamp': [`${ROOT}lib/index.ts`],
  'nestjs-dokstamp/testing': [`${ROOT}lib/testing/index.ts`],
};

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  // Finds './certificates.service' with and without an ending: the one stands in CommonJS, the other in ESM.
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ['node', 'vitest/globals'],
  strict: true,
  noUncheckedIndexedAccess: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  noEmit: true,
  paths: PATHS,
};

/** One spec file of the app, as Vitest reports it. */
export interface SpecResult {
  readonly name: string;
  readonly message: string;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
}

/** The files that a page prints, in a folder outside the repository, with what is installed in the repository. */
export class PrintedApp implements Disposable {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'dokstamp-printed-')));

  constructor(private readonly files: readonly PrintedFile[]) {
    symlinkSync(`${ROOT}node_modules`, join(this.#folder, 'node_modules'));
    for (const { name, code } of files) writeFileSync(join(this.#folder, name), code);
  }

  /** What the compiler says against the files; empty when all compile. */
  compileErrors(): string[] {
    const roots = this.files.map(({ name }) => join(this.#folder, name));
    const program = ts.createProgram(roots, OPTIONS);
    const wholly = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
    // Of the files alone: an app sees no source of this package, and has other libraries.
    const found = roots
      .map((name) => program.getSourceFile(name))
      .flatMap((file) => [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ]);
    return [...wholly, ...found].map(({ file, messageText }) => {
      const text = ts.flattenDiagnosticMessageText(messageText, ' ');
      return file ? `${basename(file.fileName)}: ${text}` : text;
    });
  }

  /** Runs its tests, with the settings that `nest new` makes for Vitest. */
  async test(): Promise<SpecResult[]> {
    const { experimentalDecorators, emitDecoratorMetadata } = OPTIONS;
    const compilerOptions = { experimentalDecorators, emitDecoratorMetadata };
    this.#write('tsconfig.json', JSON.stringify({ compilerOptions }));
    const alias = Object.entries(PATHS).map(([name, [replacement]]) => ({
      find: `^${name}$`,
      replacement,
    }));
    const config = `export default {
      resolve: { alias: ${JSON.stringify(alias)}.map((one) => ({ ...one, find: new RegExp(one.find) })) },
      test: { globals: true, include: ['*.spec.ts'], testTimeout: 20000, hookTimeout: 20000, isolate: false, fileParallelism: false },
    };`;
    this.#write('vitest.config.mjs', config);
    const report = join(this.#folder, 'report.json');
    const options = ['--reporter=json', `--outputFile=${report}`, '--passWithNoTests'];
    const vitest = `${ROOT}node_modules/vitest/vitest.mjs`;
    await run(this.#folder, process.execPath, vitest, 'run', ...options).catch((error: unknown) => {
      if (!ts.sys.fileExists(report)) throw error;
    });
    const { testResults } = JSON.parse(ts.sys.readFile(report) ?? '') as {
      testResults: SpecResult[];
    };
    return testResults.map((one) => ({ ...one, name: basename(one.name) }));
  }

  #write(name: string, content: string): void {
    writeFileSync(join(this.#folder, name), content);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
