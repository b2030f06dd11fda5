import { afterAll, beforeAll, describe, it } from 'vitest';
import type { OutsideApp } from './support/outside-app.js';
import { addPrinted, PRINTED, PRINTED_JEST } from './support/printed.js';
import { NEST_11 } from './support/peers.js';
import { answers, installRegistrar, JEST, PLATFORMS } from './support/registrar.js';

describe.each([29, 30])('a CommonJS app on Nest 11 with Jest %i', (version) => {
  let app: OutsideApp;

  beforeAll(async () => {
    const tools = [`jest@${version}`, 'ts-jest@29', `@types/jest@${version}`];
    app = await installRegistrar(11, NEST_11, { manifest: { jest: JEST }, tools });
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  it('passes its tests', async () => {
    await app.tool('jest/bin/jest.js', '--ci');
  });

  describe('with the tests of README.md and docs/testing.md', () => {
    beforeAll(() => addPrinted(app, 'Jest'));

    it('passes them unchanged, with the settings of `nest new`', async () => {
      await app.tool('jest/bin/jest.js', '--ci', '--config', PRINTED_JEST);
    });

    it('compiles them', async () => {
      await app.tool('typescript/bin/tsc', '-p', PRINTED);
    });
  });

  it.each(PLATFORMS)('serves a request on %s', (platform) => answers(app, platform));
});
