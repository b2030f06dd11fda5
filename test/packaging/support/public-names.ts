import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createProgram, ModuleKind, ModuleResolutionKind, ScriptTarget } from 'typescript';
import { REPOSITORY } from './tarball.js';

/** The names that one entry point exports in one format. */
export interface PublicNames {
  /** What is there when the code runs. */
  readonly values: readonly string[];
  /** What the `.d.ts` exports, values included. */
  readonly types: readonly string[];
}

type Format = 'esm' | 'cjs';

/** An entry point's folder inside `dist/esm` and `dist/cjs`. */
const FOLDERS = { '.': '', './testing': 'testing', './redis': 'redis' } as const;

/** The names of every entry point, sorted, as one of the two builds has them. */
export async function publicNames(format: Format): Promise<Record<string, PublicNames>> {
  const names = Object.entries(FOLDERS).map(async ([entry, folder]) => {
    const stem = join(REPOSITORY, 'dist', format, folder, 'index');
    return [entry, { values: await valuesOf(format, stem), types: typesOf(stem) }] as const;
  });
  return Object.fromEntries(await Promise.all(names));
}

/** The names as they are pinned in `public-names.json`. */
export async function pinnedNames(): Promise<unknown> {
  return JSON.parse(await readFile(new URL('../public-names.json', import.meta.url), 'utf8'));
}

async function valuesOf(format: Format, stem: string): Promise<string[]> {
  const module: object =
    format === 'esm' ? await import(`${stem}.js`) : createRequire(import.meta.url)(`${stem}.js`);
  return Object.keys(module).toSorted();
}

function typesOf(stem: string): string[] {
  const program = createProgram([`${stem}.d.ts`], {
    target: ScriptTarget.ES2023,
    module: ModuleKind.NodeNext,
    moduleResolution: ModuleResolutionKind.NodeNext,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(`${stem}.d.ts`);
  const module = source && checker.getSymbolAtLocation(source);
  return module
    ? checker
        .getExportsOfModule(module)
        .map(({ name }) => name)
        .toSorted()
    : [];
}
