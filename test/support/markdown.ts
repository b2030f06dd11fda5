import { parsers } from 'prettier/plugins/markdown';

/** A node of a Markdown text, as Prettier reads it (mdast); which members it has depends on its type. */
export interface MarkdownNode {
  readonly type: string;
  readonly value?: string;
  readonly url?: string;
  readonly lang?: string | null;
  readonly children?: readonly MarkdownNode[];
  readonly position?: { readonly start: { readonly line: number } };
}

/** All nodes of a text, outer ones first. */
export async function markdownNodes(text: string): Promise<MarkdownNode[]> {
  // The parser looks at no option.
  const root = (await parsers.markdown.parse(text, {} as never)) as MarkdownNode;
  return withinNode(root);
}

/** The code blocks of a text in this language. */
export async function codeBlocks(text: string, language: string): Promise<string[]> {
  const nodes = await markdownNodes(text);
  return nodes
    .filter(({ type, lang }) => type === 'code' && lang === language)
    .map(({ value = '' }) => value);
}

/** The node and all that is in it. */
export function withinNode(node: MarkdownNode): MarkdownNode[] {
  return [node, ...(node.children ?? []).flatMap(withinNode)];
}

/** The words of a node, without what marks them. */
export function textOf(node: MarkdownNode): string {
  return withinNode(node)
    .map(({ value = '' }) => value)
    .join('');
}

/** The anchors of a text's headings, as GitHub makes them. */
export function anchorsOf(nodes: readonly MarkdownNode[]): string[] {
  const seen = new Map<string, number>();
  return nodes
    .filter(({ type }) => type === 'heading')
    .map((heading) => {
      const anchor = textOf(heading)
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
        .replaceAll(' ', '-');
      const times = seen.get(anchor) ?? 0;
      seen.set(anchor, times + 1);
      return times === 0 ? anchor : `${anchor}-${times}`;
    });
}
