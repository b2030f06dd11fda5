import { describe, expect, it } from 'vitest';
import { compileErrors, readmeBlocks } from '../support/readme.js';

const blocks = readmeBlocks();

describe('README', () => {
  it('has only code that compiles', () => {
    expect(blocks.length).toBeGreaterThan(6);
    expect(compileErrors(blocks)).toEqual([]);
  });

  it('names every option and every error code', async () => {
    const { readFile } = await import('node:fs/promises');
    const text = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const source = await readFile(
      new URL('../../lib/errors/dokstamp.error.ts', import.meta.url),
      'utf8',
    );
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
    expect(codes).toHaveLength(13);
    for (const code of codes) expect(text).toContain(`\`${code}\``);
  });
});
