import ts from 'typescript';
import { LIB_FILES } from '../lib-imports.js';
import { repositoryText } from '../repository.js';

/** A block of code in an `@example`. */
export interface Example {
  /** The file it stands in, from the root, and its first line there, from 1. */
  readonly path: string;
  readonly line: number;
  /** Nothing where there is no whole block. */
  readonly code?: string;
}

/** The examples of a file, as an editor shows them: what TypeScript takes for another tag is not in them. */
export function examplesOf(path: string): Example[] {
  const text = repositoryText(path);
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return exampleTags(source).map((tag) => {
    const first = source.getLineAndCharacterOfPosition(tag.getStart()).line + 1;
    const lines = text.slice(tag.getStart(), tag.getEnd()).split('\n');
    const code = lines.map((line) => line.replace(/^\s*\* ?/, ''));
    const open = code.indexOf('```ts') + 1;
    const close = code.indexOf('```', open);
    if (open === 0 || close < 0) return { path, line: first };
    return { path, line: first + open, code: code.slice(open, close).join('\n') };
  });
}

/** Those of all files of lib. */
export function libExamples(): Example[] {
  return LIB_FILES.flatMap((file) => examplesOf(`lib/${file}`));
}

function exampleTags(source: ts.SourceFile): ts.JSDocTag[] {
  // A comment is that of several nodes.
  const tags = new Set<ts.JSDocTag>();
  const visit = (node: ts.Node): void => {
    for (const comment of ts.getJSDocCommentsAndTags(node)) {
      for (const tag of ts.isJSDoc(comment) ? (comment.tags ?? []) : []) {
        if (tag.tagName.text === 'example') tags.add(tag);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...tags];
}
