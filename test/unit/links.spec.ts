import { describe, expect, it } from 'vitest';
import { faultOf, isRelative, type Link, linksOf, pathOf } from '../support/links.js';
import { anchorsOf, markdownNodes } from '../support/markdown.js';
import { repositoryFiles, repositoryText } from '../support/repository.js';

const PAGES = repositoryFiles('*.md');

interface Manifest {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(repositoryText('package.json')) as Manifest;

// npm packs these whatever `files` says.
const SHIPPED = [...manifest.files, 'README.md', 'LICENSE', 'package.json'];
const LEFT_OUT = manifest.files.filter((file) => file.startsWith('!')).map((file) => file.slice(1));

describe('the pages of the repository', () => {
  it.each(PAGES)('%s has no link that leads nowhere', async (page) => {
    const links = (await linksOf(page)).filter(isRelative);
    const faults = await Promise.all(
      links.map(async (link) => ({ told: told(link), fault: await faultOf(link) })),
    );
    expect(faults.filter(({ fault }) => fault !== undefined)).toEqual([]);
  });

  it.each(PAGES.filter(isShipped))(
    '%s links to what is shipped, or by an absolute URL',
    async (page) => {
      const links = (await linksOf(page)).filter(isRelative);
      const missing = links.filter((link) => !isShipped(pathOf(link)));
      expect(missing.map(told)).toEqual([]);
    },
  );

  it.each(PAGES)('%s names no npm script that is not there', (page) => {
    const named = [...repositoryText(page).matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)];
    const missing = named.map(([, script = '']) => script).filter((name) => !isScript(name));
    expect(missing).toEqual([]);
  });

  it('docs/decisions/README.md lists each decision', async () => {
    const index = 'docs/decisions/README.md';
    const decisions = repositoryFiles('docs/decisions/*.md').filter((page) => page !== index);
    const listed = (await linksOf(index)).filter(isRelative).map(pathOf);
    expect(decisions.length).toBeGreaterThan(10);
    expect(decisions.filter((page) => !listed.includes(page))).toEqual([]);
  });
});

describe('the check of links', () => {
  const from = (target: string): Link => ({ file: 'docs/architecture.md', line: 1, target });

  it.each([
    { target: 'token-life.md', fault: undefined },
    { target: '../README.md#options', fault: undefined },
    { target: '../lib', fault: undefined },
    { target: '#the-way-of-a-token', fault: undefined },
    { target: 'no-page.md', fault: 'no such file' },
    { target: '../README.md#no-heading', fault: 'no such heading' },
    { target: '../lib/index.ts#L1', fault: 'no such heading' },
    { target: '../../elsewhere.md', fault: 'leads out of the repository' },
  ])('says "$fault" of $target', async ({ target, fault }) => {
    expect(await faultOf(from(target))).toBe(fault);
  });

  it.each(['https://docs.dokstamp.com', 'mailto:someone@example.org'])(
    'leaves %s alone',
    (target) => {
      expect(isRelative(from(target))).toBe(false);
    },
  );

  it('knows the anchors of headings as GitHub makes them', async () => {
    const text = '# `npm run x`: *what*, & why?\n\n## Twice\n\n## Twice\n\n```md\n# Not one\n```\n';
    expect(anchorsOf(await markdownNodes(text))).toEqual([
      'npm-run-x-what--why',
      'twice',
      'twice-1',
    ]);
  });
});

function told({ file, line, target }: Link): string {
  return `${file}:${line} ${target}`;
}

function isShipped(path: string): boolean {
  const isIn = (place: string) => path === place || path.startsWith(`${place}/`);
  return SHIPPED.some(isIn) && !LEFT_OUT.some(isIn);
}

function isScript(name: string): boolean {
  return Object.hasOwn(manifest.scripts, name);
}
