import type { Node } from 'typescript';
import type { Compiler } from './compiler.loader.js';

/** A node and all below it, in the order of the text. */
export function descendants(ts: Compiler, node: Node): Node[] {
  const nodes: Node[] = [node];
  ts.forEachChild(node, (child) => void nodes.push(...descendants(ts, child)));
  return nodes;
}

/** Text that goes in at a place, or in place of what is there `to` another. */
export interface Edit {
  readonly at: number;
  readonly to?: number;
  readonly text: string;
}

/** The text with all edits made. They do not overlap; those of one place come in their own order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  return edits
    .toReversed()
    .toSorted((one, other) => other.at - one.at)
    .reduce((done, { at, to = at, text: its }) => done.slice(0, at) + its + done.slice(to), text);
}

/** How a file is written: what is added follows it. */
export interface Style {
  readonly eol: string;
  readonly indent: string;
  readonly quote: string;
  readonly semicolon: string;
}

export function styleOf(text: string): Style {
  const [, quote = "'", semicolon = ';'] = /^import .*?(['"])[^'"]*\1(;?)/m.exec(text) ?? [];
  return {
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    indent: /^(\t| +)\S/m.exec(text)?.[1] ?? '  ',
    quote,
    semicolon,
  };
}

/** The white space that the line of this place begins with. */
export function indentAt(text: string, position: number): string {
  const line = text.slice(text.lastIndexOf('\n', position - 1) + 1, position);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}
