import type { SourceFile } from 'typescript';
import type { Compiler } from './compiler.loader.js';
import { namedImports } from './imported-names.js';
import type { Edit, Style } from './syntax.js';

export interface NewImport {
  readonly name: string;
  readonly local: string;
  readonly from: string;
}

/** What imports these names: in the braces that import from the same package, else after the last package. */
export function importEdits(
  ts: Compiler,
  source: SourceFile,
  imports: readonly NewImport[],
  { eol, quote, semicolon }: Style,
): Edit[] {
  const braces = new Map(namedImports(ts, source));
  const edits: Edit[] = [];
  const lines: string[] = [];
  for (const { name, local, from } of imports) {
    const specifier = name === local ? name : `${name} as ${local}`;
    const last = braces.get(from)?.elements.at(-1);
    if (last) edits.push({ at: last.end, text: `, ${specifier}` });
    else lines.push(`import { ${specifier} } from ${quote}${from}${quote}${semicolon}${eol}`);
  }
  return [...edits, { at: placeOfImports(ts, source), text: lines.join('') }];
}

function placeOfImports(ts: Compiler, source: SourceFile): number {
  const all = source.statements.filter(ts.isImportDeclaration);
  const ofPackages = all.filter(({ moduleSpecifier }) => !/^.\./.test(moduleSpecifier.getText()));
  const last = ofPackages.at(-1);
  if (!last) return all[0]?.getStart() ?? 0;
  const lineEnd = source.text.indexOf('\n', last.end);
  return lineEnd === -1 ? source.text.length : lineEnd + 1;
}
