import ts from 'typescript';
import { libFiles, repositoryText } from '../repository.js';

/** Stands for what differs from case to case, in templates of the library and in the page. */
export const HOLE = '…';

// The sandbox, the command line and the metrics have pages of their own.
const ELSEWHERE = /^lib\/(testing|cli|opentelemetry)\//;

/**
 * Every text of more than one word in the sources of the library, with a hole for each value that is filled in, and one
 * space for each run of spaces.
 */
export function templatesOfLib(): string[] {
  const files = libFiles().filter((path) => !ELSEWHERE.test(path));
  return files
    .flatMap((path) => textsOf(repositoryText(path)))
    .filter((text) => countWords(text) > 1);
}

/** How many words a text has. Punctuation by itself is not a word. */
export function countWords(text: string): number {
  return text.split(/\s/).filter((word) => /\w/.test(word)).length;
}

/** The texts in a source file. A text that is filled into another one is listed by itself. */
function textsOf(code: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const text = textOf(node, visit);
    if (text === undefined) ts.forEachChild(node, visit);
    else texts.push(withSingleSpaces(text));
  };
  visit(ts.createSourceFile('source.ts', code, ts.ScriptTarget.ES2023));
  return texts;
}

/** The text of a literal, a template or a sum of them; undefined for any other node. */
function textOf(node: ts.Node, visitHole: (node: ts.Node) => void): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(({ expression, literal }) => {
      visitHole(expression);
      return HOLE + literal.text;
    });
    return node.head.text + spans.join('');
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) {
    return undefined;
  }
  const sides = [node.left, node.right].map((side) => textOf(side, visitHole));
  if (sides.every((side) => side === undefined)) return undefined;
  return [node.left, node.right]
    .map((side, nth) => {
      if (sides[nth] === undefined) visitHole(side);
      return sides[nth] ?? HOLE;
    })
    .join('');
}

/** The text with one space for each run of spaces and line ends. */
export function withSingleSpaces(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
