import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrintedApp, type SpecResult } from '../support/printed-app.js';
import { printedFiles } from '../support/printed-files.js';

// What is for Jest is run by test/packaging/nest-11.matrix.ts.
const files = (await printedFiles('docs/testing.md')).filter(({ runner }) => runner !== 'Jest');
const specs = files.map(({ name }) => name).filter((name) => name.endsWith('.spec.ts'));

let app: PrintedApp;

beforeAll(() => {
  app = new PrintedApp(files);
});

afterAll(() => app[Symbol.dispose]());

describe('the page on testing', () => {
  it('prints whole files, each with its name and no two with the same', () => {
    const names = files.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('block-'))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(specs.length).toBeGreaterThan(7);
  });

  it('has only code that compiles', () => {
    expect(app.compileErrors()).toEqual([]);
  });

  describe('has only tests that pass', () => {
    let results: SpecResult[];

    beforeAll(async () => {
      results = await app.test();
    }, 120_000);

    it.each(specs)('%s', (name) => {
      const { message, assertionResults = [] } = results.find((one) => one.name === name) ?? {};
      expect(message).toBe('');
      expect(assertionResults.length).toBeGreaterThan(0);
      expect(assertionResults.filter(({ status }) => status !== 'passed')).toEqual([]);
    });
  });
});
