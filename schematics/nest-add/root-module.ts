import type { Node, SourceFile } from 'typescript';
import type { Compiler } from './compiler.loader.js';
import { importedNames } from './imported-names.js';
import { importEdits, type NewImport } from './import.edits.js';
import { metadataEdits } from './metadata.edits.js';
import { applyEdits, descendants, styleOf } from './syntax.js';

/** A module that the root module is to import, by one call. */
interface WantedModule {
  readonly name: string;
  readonly from: string;
  readonly call: string;
}

const WANTED: readonly WantedModule[] = [
  { name: 'ConfigModule', from: '@nestjs/config', call: 'forRoot()' },
  { name: 'DokStampModule', from: 'nestjs-dokstamp', call: 'forRootAsync({ isGlobal: true })' },
];

/** What to do where the root module cannot be edited. */
export const BY_HAND = [
  'Add this to your root module by hand:\n',
  ...WANTED.map(({ name, from }) => `  import { ${name} } from '${from}';`),
  `\n  @Module({ imports: [${WANTED.map(({ name, call }) => `${name}.${call}`).join(', ')}] })\n`,
].join('\n');

/**
 * The file of the root module with our modules imported. One that the file sets up already, in whatever way, is left
 * as it is. Nothing is given where there is no `@Module()` whose imports could be added to.
 */
export function withDokStamp(ts: Compiler, text: string, className?: string): string | undefined {
  const source = ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest, true);
  const missing = WANTED.map((it) => ({ ...it, local: localName(ts, source, it) })).filter(
    ({ local }) => !isSetUp(ts, source, local),
  );
  if (missing.length === 0) return text;
  const style = styleOf(text);
  const calls = missing.map(({ local, call }) => `${local}.${call}`);
  const metadata = metadataEdits(ts, source, className, calls, style);
  if (!metadata) return undefined;
  const known = importedNames(ts, source).map(({ local }) => local);
  const imports: NewImport[] = missing.filter(({ local }) => !known.includes(local));
  return applyEdits(text, [...metadata, ...importEdits(ts, source, imports, style)]);
}

/** What the wanted module is called in this file: another name where its own one means something else here. */
function localName(ts: Compiler, source: SourceFile, { name, from }: WantedModule): string {
  const imported = importedNames(ts, source).find((it) => it.name === name && it.from === from);
  if (imported) return imported.local;
  const isTaken = (node: Node) => ts.isIdentifier(node) && node.text === name;
  return descendants(ts, source).some(isTaken) ? `Nest${name}` : name;
}

function isSetUp(ts: Compiler, source: SourceFile, local: string): boolean {
  return descendants(ts, source).some(
    (node) =>
      ts.isPropertyAccessExpression(node) &&
      node.expression.getText() === local &&
      node.name.text.startsWith('forRoot'),
  );
}
