import { posix } from 'node:path';
import type { Tree } from '@angular-devkit/schematics';
import type { CallExpression, Node, SourceFile } from 'typescript';
import type { Compiler } from './compiler.loader.js';
import { importedNames } from './imported-names.js';
import { descendants } from './syntax.js';

/** Where the root module is, and its class where `main.ts` says so. */
export interface RootModule {
  readonly path: string;
  readonly className?: string;
}

/** The module that `main.ts` gives to `NestFactory`, else the one that `nest new` makes. */
export function findRootModule(ts: Compiler, tree: Tree, sourceRoot: string): RootModule {
  const main = posix.join(sourceRoot, 'main.ts');
  const text = tree.read(main)?.toString();
  const fallback = { path: posix.join(sourceRoot, 'app.module.ts') };
  if (text === undefined) return fallback;
  const source = ts.createSourceFile(main, text, ts.ScriptTarget.Latest, true);
  const local = rootClass(ts, source);
  if (local === undefined) return fallback;
  const imported = importedNames(ts, source).find((it) => it.local === local);
  if (!imported) return { path: main, className: local };
  const file = posix.join(sourceRoot, imported.from.replace(/(\.[jt]s)?$/, '.ts'));
  const known = imported.from.startsWith('.') && tree.exists(file);
  return known ? { path: file, className: imported.name } : fallback;
}

function rootClass(ts: Compiler, source: SourceFile): string | undefined {
  const isFactory = (node: Node): node is CallExpression =>
    ts.isCallExpression(node) && /^NestFactory\s*\.\s*create/.test(node.expression.getText());
  const root = descendants(ts, source).find(isFactory)?.arguments[0];
  return root && ts.isIdentifier(root) ? root.text : undefined;
}
