import { type MarkdownNode, markdownNodes, textOf } from '../markdown.js';
import { repositoryText } from '../repository.js';

const PAGE = 'docs/troubleshooting.md';
const ANYTHING = '…';

/** The entry whose messages need an app with Jest, outside of the repository. */
export const JEST_ENTRY = 'Jest stumbles over an ES module';

/** A message as the page has it. */
export interface Block {
  readonly text: string;
  readonly line: number;
}

/** One symptom of the page. */
export interface Entry {
  readonly heading: string;
  readonly blocks: readonly Block[];
  /** The whole text under the heading, blocks included. */
  readonly text: string;
}

/** What stands before the first entry, and the entries in their order. */
export async function troubleshootingPage(): Promise<{ opening: string; entries: Entry[] }> {
  const lines = repositoryText(PAGE).split('\n');
  const nodes = (await markdownNodes(lines.join('\n')))[0]?.children ?? [];
  const headings = nodes.filter((node) => lines[lineOf(node) - 1]?.startsWith('## '));
  const starts = headings.map(lineOf);
  const entries = headings.map((heading, nth) => {
    const [from = 0, to = lines.length + 1] = starts.slice(nth, nth + 2);
    const within = nodes.filter((node) => lineOf(node) > from && lineOf(node) < to);
    const blocks = within
      .filter(({ type, lang }) => type === 'code' && lang === 'text')
      .map((node) => ({ text: node.value ?? '', line: lineOf(node) }));
    return { heading: textOf(heading), blocks, text: lines.slice(from, to - 1).join('\n') };
  });
  return { opening: lines.slice(0, starts[0]).join('\n'), entries };
}

/** What has to be corrected in the page where it does not say what is printed; undefined where it does. */
export function correction({ heading }: Entry, block: Block, printed: string): string | undefined {
  if (patternOf(block.text).test(printed)) return undefined;
  return [
    `${PAGE}:${block.line}, under "${heading}", does not say what is printed.`,
    `The page has:\n${indented(block.text)}`,
    `This is printed:\n${indented(printed)}`,
    `Put what is printed into the block, with ${ANYTHING} for what differs from case to case.`,
  ].join('\n');
}

/** What a text of the page matches, with anything for what differs from case to case. */
function patternOf(text: string): RegExp {
  const pieces = text.split(ANYTHING).map((piece) => piece.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  return new RegExp(`^${pieces.join('[^]+?')}$`);
}

function lineOf({ position }: MarkdownNode): number {
  return position?.start.line ?? 0;
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}
