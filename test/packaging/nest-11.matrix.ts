import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputOf } from './support/command.js';
import { nodeBinary } from './support/node-binary.js';
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

  it('has no open handle of the package after its tests, on Node.js 20', async () => {
    const node = await nodeBinary('20.19.0');
    const jest = ['node_modules/jest/bin/jest.js', '--ci', '--detectOpenHandles'];
    const { stderr } = await outputOf(app.folder, node, ...jest);
    expect(stderr).toContain('Tests:');
    expect(stderr).not.toMatch(/open handle|nestjs-dokstamp.dist/);
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
