import type {
  ArrayLiteralExpression,
  Node,
  NodeArray,
  ObjectLiteralExpression,
  SourceFile,
} from 'typescript';
import type { Compiler } from './compiler.loader.js';
import { descendants, type Edit, indentAt, type Style } from './syntax.js';

const LINE_LENGTH = 80;

/** What adds these calls to the imports of a module; nothing where they are no list that stands in the decorator. */
export function metadataEdits(
  ts: Compiler,
  source: SourceFile,
  className: string | undefined,
  calls: readonly string[],
  style: Style,
): Edit[] | undefined {
  const metadata = moduleMetadata(ts, source, className);
  if (!metadata) return undefined;
  const { properties } = metadata;
  const imports = properties.find(({ name }) => name?.getText().replace(/\W/g, '') === 'imports');
  if (!imports) {
    // What is spread may bring imports of its own, before or after.
    return properties.some(ts.isSpreadAssignment) ? undefined : newProperty(metadata, calls, style);
  }
  if (!ts.isPropertyAssignment(imports)) return undefined;
  const { initializer } = imports;
  return ts.isArrayLiteralExpression(initializer) ? added(initializer, calls, style) : undefined;
}

function moduleMetadata(ts: Compiler, source: SourceFile, className: string | undefined) {
  const isLiteral = (node: Node | undefined): node is ObjectLiteralExpression =>
    node !== undefined && ts.isObjectLiteralExpression(node);
  return descendants(ts, source)
    .filter(ts.isClassDeclaration)
    .filter(({ name }) => className === undefined || name?.text === className)
    .flatMap((it) => ts.getDecorators(it) ?? [])
    .map(({ expression }) => expression)
    .filter(ts.isCallExpression)
    .filter(({ expression }) => expression.getText() === 'Module')
    .map((call) => call.arguments[0])
    .find(isLiteral);
}

function newProperty(
  metadata: ObjectLiteralExpression,
  calls: readonly string[],
  style: Style,
): Edit[] {
  const { text } = metadata.getSourceFile();
  const { properties } = metadata;
  const start = metadata.getStart() + 1;
  const property = `imports: [${calls.join(', ')}]`;
  const isBroken = properties.length > 0 && /^[^\S\n]*\n/.test(text.slice(start));
  if (!isBroken) return oneALine(metadata, properties, [property, ...partsOf(properties)], style);
  const indent = indentAt(text, start) + style.indent;
  return [{ at: start, text: `${style.eol}${indent}${property},` }];
}

function added(array: ArrayLiteralExpression, calls: readonly string[], style: Style): Edit[] {
  const { text } = array.getSourceFile();
  const { elements } = array;
  const start = array.getStart() + 1;
  const close = array.end - 1;
  const last = elements.at(-1)?.end ?? start;
  const tail = text.slice(elements.end, close);
  const outer = indentAt(text, start);
  if (/\n/.test(text.slice(start, elements[0]?.getStart() ?? close) + tail)) {
    const end = elements.end + tail.trimEnd().length;
    const lines = calls.map((call) => `${style.eol}${outer}${style.indent}${call},`).join('');
    return [
      { at: last, text: last === start || elements.hasTrailingComma ? '' : ',' },
      { at: end, text: lines + (end === close ? style.eol + outer : '') },
    ];
  }
  const inserted = (elements.length > 0 ? ', ' : '') + calls.join(', ');
  const line = text.slice(text.lastIndexOf('\n', start) + 1).split(/\r?\n/, 1)[0] ?? '';
  const fits = line.length + inserted.length <= LINE_LENGTH;
  if (fits || array.getText().includes('\n')) return [{ at: last, text: inserted }];
  return oneALine(array, elements, [...partsOf(elements), ...calls], style);
}

/** A literal written anew: its parts each on a line, and then what was left of it, a comment. */
function oneALine(
  literal: Node,
  { end }: NodeArray<Node>,
  parts: readonly string[],
  { eol, indent }: Style,
): Edit[] {
  const { text } = literal.getSourceFile();
  const at = literal.getStart() + 1;
  const to = literal.end - 1;
  const outer = indentAt(text, at);
  const comment = text.slice(end, to).trim();
  const lines = [...parts.map((part) => `${part},`), ...(comment ? [comment] : [])];
  return [{ at, to, text: lines.map((it) => eol + outer + indent + it).join('') + eol + outer }];
}

function partsOf(nodes: NodeArray<Node>): string[] {
  return nodes.map((node) => node.getFullText().trim());
}
