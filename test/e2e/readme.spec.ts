import { describe, expect, it } from 'vitest';
import { compileErrors, readmeBlocks, run } from '../support/readme.js';

const blocks = readmeBlocks();
const blockUnder = (heading: string) => {
  const block = blocks.find((candidate) => candidate.heading === heading);
  if (!block) throw new Error(`README has no code under "${heading}"`);
  return block;
};

describe('README', () => {
  it('has only code that compiles', () => {
    expect(blocks.length).toBeGreaterThan(6);
    expect(compileErrors(blocks)).toEqual([]);
  });

  it('shows a test with the sandbox that passes as written', async () => {
    const { survivesARevocation } = await run(blockUnder('Testing'));
    expect(await (survivesARevocation as () => Promise<number>)()).toBe(200);
  });

  it('names every option and every error code', async () => {
    const { readFile } = await import('node:fs/promises');
    const text = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const source = await readFile(
      new URL('../../lib/errors/dokstamp.error.ts', import.meta.url),
      'utf8',
    );
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
    expect(codes).toHaveLength(12);
    for (const code of codes) expect(text).toContain(`\`${code}\``);
  });
});
