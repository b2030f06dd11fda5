import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { codeBlocks, markdownNodes, textOf } from '../support/markdown.js';
import { ROOT, repositoryFiles, repositoryText } from '../support/repository.js';

const run = promisify(execFile);

const FOLDER = 'docs/decisions';

const PAGES = repositoryFiles(`${FOLDER}/*.md`).filter((page) => !page.endsWith('/README.md'));
const SCRIPTS = repositoryFiles(`${FOLDER}/measure/*.mjs`).filter(
  (file) => !file.endsWith('/account.mjs'),
);

// Their numbers depend on chance and on the machine, so only their words are compared.
const INEXACT = ['renewal-backoff.mjs', 'renewal-jitter.mjs'];

describe('a decision', () => {
  it.each(PAGES)('%s has its context, decision, figure and consequence', async (page) => {
    const headings = (await markdownNodes(repositoryText(page)))
      .filter(({ type }) => type === 'heading')
      .map(textOf);
    expect(headings.slice(1)).toEqual(['Context', 'Decision', 'Figure', 'Consequence']);
  });

  it.each(SCRIPTS)('shows what is printed by %s', async (script) => {
    const page = PAGES.map(repositoryText).find((text) => text.includes(`node ${script}`)) ?? '';
    const [shown = ''] = await codeBlocks(page, 'text');
    // Seconds, for the one that can be told how long to measure.
    const { stdout } = await run(process.execPath, [script, '2'], { cwd: ROOT });
    const isInexact = INEXACT.some((name) => script.endsWith(`/${name}`));
    expect(comparable(stdout.trim(), isInexact)).toBe(comparable(shown, isInexact));
  });
});

function comparable(text: string, isInexact: boolean): string {
  return isInexact ? text.replaceAll(/\d+/g, 'N') : text;
}
