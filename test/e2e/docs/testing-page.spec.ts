import { describe, expect, it } from 'vitest';
import { describePrintedTests } from '../../support/printed-app.js';
import { printedFiles } from '../../support/printed-files.js';

// test/packaging/nest-11.matrix.ts runs the files for Jest.
const files = (await printedFiles('docs/testing.md')).filter(({ runner }) => runner !== 'Jest');

describe('docs/testing.md', () => {
  it('names each of its files once', () => {
    const names = files.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('block-'))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  describe('prints tests that pass', () => describePrintedTests(files));
});
