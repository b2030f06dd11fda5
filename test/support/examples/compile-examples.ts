import ts from 'typescript';
import manifest from '../../../package.json' with { type: 'json' };
import { ROOT, repositoryText } from '../repository.js';
import type { Example } from './examples.js';

// Where the names come from that an example does not import itself; of two modules with a name, the first gives it.
const MODULES = [
  ...Object.keys(manifest.exports)
    .filter((subpath) => !subpath.endsWith('.json'))
    .map((subpath) => manifest.name + subpath.slice(1)),
  ...['common', 'core', 'config', 'terminus', 'testing'].map((name) => `@nestjs/${name}`),
  'vitest',
  `${ROOT}test/support/examples/readers-app.js`,
];

const CUT =
  'no whole block of ts. TypeScript takes @ outside of backticks for the next tag, and editors do as it does.';
const CATALOGUE = `${ROOT}all-names.example.ts`;
const CANNOT_FIND_NAME = [2304, 2552];

/** The errors of each example, as `<file>:<line>: <message>`. All are checked in one program, each as a module. */
export function compileExamples(examples: readonly Example[]): string[][] {
  const files = examples.map(({ path, line }) => `${ROOT}${path}.${line}.example.ts`);
  const modules = (imports: readonly string[]) =>
    new Map(examples.map((example, nth) => [files[nth] ?? '', moduleOf(example, imports[nth])]));
  const catalogue = MODULES.map((name, nth) => `import * as m${nth} from '${name}'; m${nth};`);
  const alone = programOf(modules([]).set(CATALOGUE, catalogue.join('\n')));
  const origins = originsOf(alone);
  const imports = files.map((file) => importsFor(alone, file, origins));
  const whole = programOf(modules(imports), alone);
  return examples.map(({ path, line, code }, nth) => {
    if (code === undefined) return [`${path}:${line}: ${CUT}`];
    return diagnosticsOf(whole, files[nth] ?? '').map(({ file, start = 0, messageText }) => {
      const { line = 0 } = file?.getLineAndCharacterOfPosition(start) ?? {};
      return `${path}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

/** The example, at the line where it stands in its file. */
function moduleOf({ code = '', line }: Example, imports = ''): string {
  const before = `${imports} export {};${'\n'.repeat(line - 1)}`;
  if (!/^(imports|providers): /m.test(code)) return `${before}${code}\n`;
  return `${before}({${code}}) satisfies import('@nestjs/common').ModuleMetadata;\n`;
}

/** Which module gives a name. */
function originsOf(program: ts.Program): Map<string, string> {
  const checker = program.getTypeChecker();
  const origins = new Map<string, string>();
  for (const statement of program.getSourceFile(CATALOGUE)?.statements ?? []) {
    if (!ts.isImportDeclaration(statement)) continue;
    const { moduleSpecifier } = statement;
    const found = checker.getSymbolAtLocation(moduleSpecifier);
    if (!found) throw new Error(`No module ${moduleSpecifier.getText()}.`);
    for (const { name } of checker.getExportsOfModule(found)) {
      if (!origins.has(name)) origins.set(name, moduleSpecifier.getText());
    }
  }
  return origins;
}

function importsFor(
  program: ts.Program,
  path: string,
  origins: ReadonlyMap<string, string>,
): string {
  const missing = diagnosticsOf(program, path)
    .filter(({ code }) => CANNOT_FIND_NAME.includes(code))
    .map(({ file, start = 0, length = 0 }) => file?.text.slice(start, start + length) ?? '');
  return [...new Set(missing)]
    .filter((name) => origins.has(name))
    .map((name) => `import { ${name} } from ${origins.get(name)};`)
    .join(' ');
}

function diagnosticsOf(program: ts.Program, path: string): ts.Diagnostic[] {
  const source = program.getSourceFile(path);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
}

function programOf(files: ReadonlyMap<string, string>, before?: ts.Program): ts.Program {
  const { config } = ts.parseConfigFileTextToJson(
    'tsconfig.json',
    repositoryText('tsconfig.json'),
  ) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, isolatedModules: false, noUnusedLocals: false },
    ROOT,
  );
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => files.has(name) || disk.fileExists(name),
    getSourceFile(name, version, ...rest) {
      const text = files.get(name);
      if (text !== undefined) return ts.createSourceFile(name, text, version, true);
      return before?.getSourceFile(name) ?? disk.getSourceFile(name, version, ...rest);
    },
  };
  return ts.createProgram([...files.keys()], options, host, before);
}
