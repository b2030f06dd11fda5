import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const at = (path: string) => fileURLToPath(new URL(path, new URL('../../', import.meta.url)));

const APP = at('test/support/types/maybe-undefined.ts');
const MAIN = 'lib/index.ts';
const ENTRIES = [
  MAIN,
  'lib/accounts/index.ts',
  'lib/opentelemetry/index.ts',
  'lib/redis/index.ts',
  'lib/terminus/index.ts',
  'lib/testing/index.ts',
];

// They only compute the types of seed(), or are what ConfigurableModuleBuilder made.
const UNNAMED = ['Each', 'Given', 'List', 'ConfigurableModuleClass'];

let program: ts.Program;
let checker: ts.TypeChecker;

beforeAll(() => {
  const read = (file: string) => ts.sys.readFile(file);
  const { config } = ts.readConfigFile(at('tsconfig.json'), read) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, REPOSITORY);
  const files = [APP, ...ENTRIES.map(at)];
  program = ts.createProgram(files, { ...options, exactOptionalPropertyTypes: true });
  checker = program.getTypeChecker();
});

function source(file: string): ts.SourceFile {
  const found = program.getSourceFile(file);
  if (!found) throw new Error(`${file} is not compiled.`);
  return found;
}

const original = (symbol: ts.Symbol) =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** What an entry point exports. */
function exportsOf(entry: string): ts.Symbol[] {
  const module = checker.getSymbolAtLocation(source(at(entry)));
  return module ? checker.getExportsOfModule(module).map(original) : [];
}

/** The nodes of a declaration that an app sees. */
function seenIn(declaration: ts.Node): ts.Node[] {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const isHidden = (node: ts.Node) =>
    ts.isBlock(node) ||
    (ts.isClassElement(node) && (ts.getCombinedModifierFlags(node) & hidden) > 0) ||
    (ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name)) ||
    ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');
  const seen: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (isHidden(node)) return;
    seen.push(node);
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return seen;
}

function seenOf(entry: string): ts.Node[] {
  return exportsOf(entry).flatMap(({ declarations = [] }) => declarations.flatMap(seenIn));
}

const isOfLib = (node: ts.Node) =>
  relative(REPOSITORY, node.getSourceFile().fileName).startsWith(`lib${sep}`);

/** An optional property that does not accept undefined. */
function isStrict(node: ts.Node): node is ts.PropertySignature | ts.PropertyDeclaration {
  const isProperty = ts.isPropertySignature(node) || ts.isPropertyDeclaration(node);
  if (!isProperty || !node.questionToken || !node.type) return false;
  const type = checker.getTypeFromTypeNode(node.type);
  return !checker.isTypeAssignableTo(checker.getUndefinedType(), type);
}

/** The type of this package that a node names. */
function namedBy(node: ts.Node): ts.Symbol | undefined {
  const isReference = ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node);
  if (!isReference) return undefined;
  const name = ts.isTypeReferenceNode(node) ? node.typeName : node.expression;
  const symbol = checker.getSymbolAtLocation(name);
  const named = symbol && original(symbol);
  const isParameter = named && (named.flags & ts.SymbolFlags.TypeParameter) > 0;
  return !isParameter && named?.declarations?.some(isOfLib) ? named : undefined;
}

describe('under exactOptionalPropertyTypes', () => {
  it('an app compiles that gives undefined for each option it has no value for', () => {
    const file = source(APP);
    const diagnostics = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ];
    const messages = diagnostics.map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
    expect(messages).toEqual([]);
  });

  it.each(ENTRIES)('each optional property that %s exports accepts undefined', (entry) => {
    const seen = seenOf(entry);
    expect(seen.length).toBeGreaterThan(10);
    // What a client of the app takes is not for the app to give.
    const own = seen.filter((node) => !ts.isMethodSignature(node.parent?.parent?.parent ?? node));
    expect(own.filter(isStrict).map(({ name }) => name.getText())).toEqual([]);
  });
});

it.each(ENTRIES)('each type that a public signature names is exported: %s', (entry) => {
  const exported = new Set([...exportsOf(MAIN), ...exportsOf(entry)]);
  const named = seenOf(entry).flatMap((node) => namedBy(node) ?? []);
  const missing = named.filter((symbol) => !exported.has(symbol)).map(({ name }) => name);
  expect([...new Set(missing)].filter((name) => !UNNAMED.includes(name))).toEqual([]);
});
