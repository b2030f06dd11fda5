import { dirname } from 'node:path/posix';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Flowchart, reachable, readFlowchart } from '../support/flowchart.js';
import { type Refusal, refusedImports } from '../support/layer-check.js';
import { LIB_FILES, LIB_FOLDERS, libImports } from '../support/lib-imports.js';
import { codeBlocks, markdownNodes, textOf } from '../support/markdown.js';
import { repositoryText } from '../support/repository.js';

const PAGE = 'docs/architecture.md';

// What the picture calls the files at the top of lib.
const TOP = 'lib';

let picture: Flowchart;
let below: ReadonlyMap<string, ReadonlySet<string>>;
let realArrows: ReadonlySet<string>;

beforeAll(async () => {
  const [drawn = ''] = await codeBlocks(repositoryText(PAGE), 'mermaid');
  picture = readFlowchart(drawn);
  below = reachable(picture);
  realArrows = new Set(
    libImports()
      .map(({ from, to }) => arrow(nodeOf(from), nodeOf(to)))
      .filter((way) => !isWithin(way)),
  );
});

describe('the picture of lib', () => {
  it('has every folder, and no folder or file that is not there', () => {
    const folders = [...LIB_FOLDERS].map((folder) => (folder === '.' ? TOP : folder));
    const files = picture.nodes.filter((node) => LIB_FILES.includes(node));
    expect(picture.nodes.toSorted()).toEqual([...folders, ...files].toSorted());
  });

  it('has no arrow without an import', () => {
    expect(drawnArrows().filter((way) => !realArrows.has(way))).toEqual([]);
  });

  it('has an arrow, or a way along arrows, for every import', () => {
    const missing = [...realArrows].filter((way) => !isBelow(way));
    expect(missing).toEqual([]);
  });

  it('has no arrow that follows from the others', () => {
    const superfluous = picture.arrows.filter((one) => {
      const arrows = picture.arrows.filter((other) => other !== one);
      return reachable({ ...picture, arrows })
        .get(one.from)
        ?.has(one.to);
    });
    expect(superfluous).toEqual([]);
  });

  it('has no circle', () => {
    expect(picture.nodes.filter((node) => below.get(node)?.has(node))).toEqual([]);
  });
});

describe('the page on architecture', () => {
  it('says of each folder in the picture what it hides', async () => {
    const rows = (await markdownNodes(repositoryText(PAGE)))
      .filter(({ type }) => type === 'tableRow')
      .map(({ children: [name] = [] }) => (name ? textOf(name) : ''))
      .slice(1);
    const named = picture.nodes.map((node) => (node === TOP ? TOP : `${TOP}/${node}`));
    expect(rows.toSorted()).toEqual(named.toSorted());
  });

  it('tells the way of a request, of a token, and of a shared one, in at most ten lines each', async () => {
    const lists = (await markdownNodes(repositoryText(PAGE))).filter(({ type }) => type === 'list');
    expect(lists).toHaveLength(3);
    for (const { children = [] } of lists) expect(children.length).toBeLessThanOrEqual(10);
  });

  it.each([PAGE, 'docs/token-life.md'])('%s names nothing that lib has not', async (page) => {
    const pictures = await codeBlocks(repositoryText(page), 'mermaid');
    const sources = LIB_FILES.map((file) => repositoryText(`lib/${file}`));
    const known = new Set([...pictures, ...sources].flatMap(wordsOf));
    const named = (await markdownNodes(repositoryText(page)))
      .filter(({ type, value = '' }) => type === 'inlineCode' && !/[/ ]/.test(value))
      .flatMap(({ value = '' }) => wordsOf(value));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((word) => !known.has(word))).toEqual([]);
  });
});

describe('the layer check of the linter', () => {
  let folders: readonly string[];
  let refusals: readonly Refusal[];

  beforeAll(() => {
    // Files that are drawn by themselves have the rules of their folder; what they import is seen above.
    folders = picture.nodes.filter((node) => !LIB_FILES.includes(node));
    refusals = refusedImports(folders.map(probeOf), picture.nodes.map(probeOf));
  });

  it('refuses each import of a folder that the picture does not allow, and no other', () => {
    const refused = refusals.map(({ from, to }) => arrow(nodeOf(from), nodeOf(to)));
    const all = folders.flatMap((from) => picture.nodes.map((to) => arrow(from, to)));
    const notAllowed = all.filter((way) => !isWithin(way) && !isBelow(way));
    expect(refused.toSorted()).toEqual(notAllowed.toSorted());
  });

  it('says where the picture is, in words that CONTRIBUTING.md explains', () => {
    const words = new Set(refusals.map(({ help }) => help));
    expect([...words]).toEqual([expect.stringContaining(PAGE)]);
    for (const text of words) expect(repositoryText('CONTRIBUTING.md')).toContain(text);
  });
});

/** What the picture calls this file: itself where it is drawn, else its folder. */
function nodeOf(file: string): string {
  if (picture.nodes.includes(file)) return file;
  const folder = dirname(file);
  return folder === '.' ? TOP : folder;
}

/** A file in this part of the picture. */
function probeOf(node: string): string {
  if (LIB_FILES.includes(node)) return node;
  return node === TOP ? 'probe.ts' : `${node}/probe.ts`;
}

function drawnArrows(): string[] {
  return picture.arrows.map(({ from, to }) => arrow(from, to));
}

function arrow(from: string, to: string): string {
  return `${from} --> ${to}`;
}

function isWithin(way: string): boolean {
  const [from, to] = way.split(' --> ');
  return from === to;
}

function isBelow(way: string): boolean {
  const [from = '', to = ''] = way.split(' --> ');
  return below.get(from)?.has(to) ?? false;
}

function wordsOf(text: string): string[] {
  return text.match(/[A-Za-z_]\w*/g) ?? [];
}
