import ts from 'typescript';
import { libFiles, repositoryText } from '../repository.js';

/** An `@example` of a doc comment. */
export interface Example {
  /** Its file, from the root of the repository. */
  readonly path: string;
  /** The number of its first line there, from 1. */
  readonly line: number;
  /** Undefined if TypeScript, and therefore an editor, does not see a whole `ts` block. */
  readonly code?: string;
}

/** The examples in the sources of the library, as an editor shows them. */
export function libExamples(): Example[] {
  return libFiles().flatMap((path) => {
    const text = repositoryText(path);
    if (!text.includes('@example')) return [];
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    return exampleTags(source).map((tag) => {
      const first = source.getLineAndCharacterOfPosition(tag.getStart()).line + 1;
      const lines = text.slice(tag.getStart(), tag.getEnd()).split('\n');
      const comment = lines.map((line) => line.replace(/^\s*\* ?/, ''));
      const open = comment.indexOf('```ts') + 1;
      const close = comment.indexOf('```', open);
      if (open === 0 || close < 0) return { path, line: first };
      return { path, line: first + open, code: comment.slice(open, close).join('\n') };
    });
  });
}

function exampleTags(source: ts.SourceFile): ts.JSDocTag[] {
  // Several nodes can share one comment.
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
