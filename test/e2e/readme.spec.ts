import { describe, expect, it } from 'vitest';
import { OPTION_NAMES } from '../../lib/options/set-options.js';
import { PrintedApp } from '../support/printed-app.js';
import { printedFiles } from '../support/printed-files.js';
import { repositoryText } from '../support/repository.js';

const files = await printedFiles('README.md');

describe('README', () => {
  it('has only code that compiles', () => {
    expect(files.length).toBeGreaterThan(6);
    using app = new PrintedApp(files);
    expect(app.compileErrors()).toEqual([]);
  });

  it('names every option and every error code', () => {
    const text = repositoryText('README.md');
    for (const option of OPTION_NAMES) expect(text).toContain(`\`${option}\``);
    const source = repositoryText('lib/errors/dokstamp.error.ts');
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
    expect(codes).toHaveLength(14);
    for (const code of codes) expect(text).toContain(`\`${code}\``);
  });
});
