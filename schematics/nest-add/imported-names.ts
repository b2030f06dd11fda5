import type { NamedImports, SourceFile } from 'typescript';
import type { Compiler } from './compiler.loader.js';

/** A value that a file imports by name or as the default. */
export interface ImportedName {
  readonly local: string;
  /** What it is called where it comes from; not known of a default. */
  readonly name?: string;
  readonly from: string;
}

/** The `{ … }` of each import of values, and where from. */
export function namedImports(ts: Compiler, source: SourceFile): [from: string, it: NamedImports][] {
  return valueImports(ts, source).flatMap(({ from, clause }) =>
    clause.namedBindings && ts.isNamedImports(clause.namedBindings)
      ? [[from, clause.namedBindings] as [string, NamedImports]]
      : [],
  );
}

/** Every value that the file imports, but for whole namespaces. */
export function importedNames(ts: Compiler, source: SourceFile): ImportedName[] {
  const named = namedImports(ts, source).flatMap(([from, { elements }]) =>
    elements
      .filter((it) => !it.isTypeOnly)
      .map(({ name, propertyName }) => ({
        local: name.text,
        name: (propertyName ?? name).text,
        from,
      })),
  );
  const defaults = valueImports(ts, source).flatMap(({ from, clause }) =>
    clause.name ? [{ local: clause.name.text, from }] : [],
  );
  return [...named, ...defaults];
}

function valueImports(ts: Compiler, source: SourceFile) {
  return source.statements.filter(ts.isImportDeclaration).flatMap((statement) => {
    const { importClause: clause, moduleSpecifier } = statement;
    const from = ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : '';
    return clause && !clause.isTypeOnly ? [{ from, clause }] : [];
  });
}
