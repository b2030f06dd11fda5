import { describe, expect, it } from 'vitest';
import { describePrintedTests } from '../../support/printed-app.js';
import { printedFiles } from '../../support/printed-files.js';
import { repositoryText } from '../../support/repository.js';

// test/unit/describe-token-store.spec.ts runs the store that the README shows.
const files = (await printedFiles('README.md')).filter(
  ({ code }) => !code.includes('describeTokenStore'),
);

describe('README.md', () => {
  // The report of the public API lists both, whichever file they are in.
  const api = repositoryText('etc/nestjs-dokstamp.api.md');

  it.each([
    ['option', /interface DokStampOptions \{([^}]+)\}/, /\w+(?=\??:)/g],
    ['error code', /type DokStampErrorCode = (.+);/, /\w+/g],
  ])('names every %s', (_, declaration, name) => {
    const names = declaration.exec(api)?.[1]?.match(name) ?? [];
    expect(names.length).toBeGreaterThan(10);
    const text = repositoryText('README.md');
    expect(names.filter((one) => !text.includes(`\`${one}\``))).toEqual([]);
  });

  describe('prints tests that pass', () => describePrintedTests(files));
});
