import { beforeAll, describe, expect, it } from 'vitest';
import { type VirtualFile, compileErrors, moduleOf } from '../../support/examples/compile.js';
import { libExamples } from '../../support/examples/examples.js';
import { printedFiles } from '../../support/printed-files.js';

const PAGES = ['README.md', 'docs/testing.md'];

const examples = libExamples();

async function filesOf(page: string): Promise<VirtualFile[]> {
  // The globals of Jest need its types; test/packaging/nest-11.matrix.ts compiles these files.
  const files = (await printedFiles(page)).filter(({ runner }) => runner !== 'Jest');
  return files.map(({ name, code, line }) => ({
    path: `examples/${page}/${name}`,
    code,
    origin: { path: page, line },
  }));
}

describe('the code', () => {
  let errors: string[];

  // One program for all, because its first second goes into Nest, RxJS and Node.js.
  beforeAll(async () => {
    const pages = await Promise.all(PAGES.map(filesOf));
    errors = compileErrors([...pages.flat(), ...examples.map(moduleOf)]);
  });

  it.each(PAGES)('of %s compiles', (page) => {
    expect(errors.filter((error) => error.startsWith(page))).toEqual([]);
  });

  it('of each @example compiles', () => {
    expect(examples.filter(({ code }) => code === undefined)).toEqual([]);
    expect(errors.filter((error) => PAGES.every((page) => !error.startsWith(page)))).toEqual([]);
    expect(examples.length).toBeGreaterThan(0);
  });
});
