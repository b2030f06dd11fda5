import { statSync } from 'node:fs';
import { dirname, normalize } from 'node:path/posix';
import { type MarkdownNode, anchorsOf, markdownNodes } from './markdown.js';
import { ROOT, repositoryText } from './repository.js';

/** A link of a Markdown file, as it is told in a failure. */
export interface Link {
  readonly file: string;
  readonly line: number;
  readonly target: string;
}

// Those of HTML too, which a Markdown text may hold.
const HTML_TARGET = /\b(?:href|src)="([^"]*)"/g;

/** All links, pictures and references of a file; its path from the root. */
export async function linksOf(file: string): Promise<Link[]> {
  const nodes = await markdownNodes(repositoryText(file));
  return nodes.flatMap((node) =>
    targetsOf(node).map((target) => ({ file, line: node.position?.start.line ?? 0, target })),
  );
}

/** Whether a link stays within the repository. */
export function isRelative({ target }: Link): boolean {
  return !/^[a-z][\w+.-]*:/i.test(target);
}

/** The file or folder that a relative link leads to; its path from the root. */
export function pathOf({ file, target }: Link): string {
  const [path = ''] = target.split('#');
  return path === '' ? file : normalize(`${dirname(file)}/${decodeURIComponent(path)}`);
}

/** Why a relative link leads nowhere; undefined where it leads somewhere. */
export async function faultOf(link: Link): Promise<string | undefined> {
  const path = pathOf(link);
  if (path.startsWith('..') || path.startsWith('/')) return 'leads out of the repository';
  const found = statSync(ROOT + path, { throwIfNoEntry: false });
  if (!found) return 'no such file';
  const [, anchor] = link.target.split('#');
  if (anchor === undefined) return undefined;
  return (await anchorsIn(path)).includes(anchor) ? undefined : 'no such heading';
}

// A page may have hundreds of links to one other page.
const anchorsByPage = new Map<string, Promise<string[]>>();

function anchorsIn(page: string): Promise<string[]> {
  if (!page.endsWith('.md')) return Promise.resolve([]);
  const known = anchorsByPage.get(page);
  if (known) return known;
  const reading = markdownNodes(repositoryText(page)).then(anchorsOf);
  anchorsByPage.set(page, reading);
  return reading;
}

function targetsOf({ type, url, value = '' }: MarkdownNode): string[] {
  if (type === 'html') return [...value.matchAll(HTML_TARGET)].map(([, target = '']) => target);
  return ['link', 'image', 'definition'].includes(type) && url !== undefined ? [url] : [];
}
