import ts from 'typescript';
import { repositoryFiles, repositoryText } from '../repository.js';

/** A text of the source that somebody may be shown. */
export interface Message {
  readonly file: string;
  /** With `…` for what is filled in. */
  readonly text: string;
  /** What stands between, where it is more than a word or two. */
  readonly pieces: readonly string[];
}

const HOLE = '…';
// A sentence, or the beginning of one; what is shorter is a name, a header, or a part of another text.
const FEWEST_WORDS = 4;

/** Every text of lib that reads as a sentence, but for the sandbox's, the command line's and the metrics'. */
export function messagesOfLib(): Message[] {
  const files = repositoryFiles('lib/*.ts', ':!lib/testing', ':!lib/cli', ':!lib/opentelemetry');
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, repositoryText(file), ts.ScriptTarget.ES2023, true);
    return textsWithin(source)
      .map((text) => ({ file, text, pieces: text.split(HOLE).map(trimmed).filter(isLong) }))
      .filter(({ pieces }) => pieces.length > 0);
  });
}

/** The texts in a piece of source, each as whole as it stands there; also those that are filled into others. */
function textsWithin(root: ts.Node): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const text = textOf(node, visit);
    if (text === undefined) ts.forEachChild(node, visit);
    else texts.push(text);
  };
  visit(root);
  return texts;
}

/**
 * The text that a literal, a template or a sum of them makes; undefined for what is none.
 * @param filledIn told what is filled in
 */
function textOf(node: ts.Node, filledIn: (node: ts.Node) => void): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    const rest = node.templateSpans.map(({ expression, literal }) => {
      filledIn(expression);
      return HOLE + literal.text;
    });
    return node.head.text + rest.join('');
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) {
    return undefined;
  }
  return [node.left, node.right]
    .map((side) => textOf(side, filledIn) ?? hole(side, filledIn))
    .join('');
}

function hole(node: ts.Node, filledIn: (node: ts.Node) => void): string {
  filledIn(node);
  return HOLE;
}

function trimmed(piece: string): string {
  return piece.replace(/\s+/g, ' ').trim();
}

function isLong(piece: string): boolean {
  return piece.split(' ').length >= FEWEST_WORDS;
}
