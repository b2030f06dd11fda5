import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/requests.js';
import { JEST_ENTRY, correction, troubleshootingPage } from '../support/troubleshooting/page.js';
import { OutsideApp } from './support/outside-app.js';

/** The test of an app that uses this package, as Jest 29 and 30 run it out of the box. */
const TEST = `const { DokStampModule } = require('nestjs-dokstamp');
test('the module', () => expect(DokStampModule).toBeDefined());
`;

describe('a CommonJS app on Nest 11 that names no older majors', () => {
  let app: OutsideApp;

  beforeAll(async () => {
    const nest = ['@nestjs/common@11', '@nestjs/core@11'];
    app = await OutsideApp.install({
      dependencies: [...nest, 'jest@30', 'jest-29@npm:jest@29'],
    });
    await writeFile(join(app.folder, 'module.test.js'), TEST);
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  // In the order of the entry's blocks.
  it.each([
    { jest: 'jest', nth: 0, says: /Must use import to load ES Module[^]+/ },
    { jest: 'jest-29', nth: 1, says: /SyntaxError: [^]+/ },
  ])('has the message of $jest that the page tells', async ({ jest, nth, says }) => {
    const { entries } = await troubleshootingPage();
    const entry = entries.find(({ heading }) => heading === JEST_ENTRY);
    const block = entry?.blocks[nth];
    if (!entry || !block) throw new Error(`The page has no block ${nth} under "${JEST_ENTRY}".`);
    const error = await rejectionOf(app.tool(`${jest}/bin/jest.js`, '--ci'));
    const [printed = error.message] = says.exec(error.message) ?? [];
    expect(correction(entry, block, printed), 'the page').toBeUndefined();
  });
});
