import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printedFiles } from '../../support/printed-files.js';
import type { OutsideApp } from './outside-app.js';

/** The folder of the printed tests in an app. */
export const PRINTED = 'printed';

/** The file with the Jest configuration of `nest new` of Nest 11, for these tests. */
export const PRINTED_JEST = `${PRINTED}.jest.json`;

const JEST = {
  moduleFileExtensions: ['js', 'json', 'ts'],
  rootDir: PRINTED,
  testRegex: '.*\\.spec\\.ts$',
  transform: { '^.+\\.(t|j)s$': 'ts-jest' },
  testEnvironment: 'node',
};

const PAGES = { readme: 'README.md', testing: 'docs/testing.md' };

/** Adds the tests of README.md and docs/testing.md for this runner, and the files they import, unchanged. */
export async function addPrinted(app: OutsideApp, runner: 'Jest' | 'Vitest'): Promise<void> {
  for (const [name, page] of Object.entries(PAGES)) {
    const folder = join(app.folder, PRINTED, name);
    await mkdir(folder, { recursive: true });
    const files = (await printedFiles(page)).filter((file) => (file.runner ?? runner) === runner);
    // A block without a name is neither a test nor imported by one.
    const named = files.filter((file) => !file.name.startsWith('block-'));
    for (const file of named) await writeFile(join(folder, file.name), file.code);
  }
  const compilerOptions = { noEmit: true, types: ['node', 'jest'] };
  await app.write(join(PRINTED, 'tsconfig.json'), { extends: '../tsconfig.json', compilerOptions });
  await app.write(PRINTED_JEST, JEST);
}
