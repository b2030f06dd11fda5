import { afterAll, beforeAll, describe, it } from 'vitest';
import { nodeBinary } from './support/node-binary.js';
import type { OutsideApp } from './support/outside-app.js';
import { addPrinted, PRINTED, PRINTED_JEST } from './support/printed.js';
import { NEST_12 } from './support/peers.js';
import { answers, installRegistrar, JEST, PLATFORMS } from './support/registrar.js';

describe('an ESM app on Nest 12 with Vitest 4', () => {
  let app: OutsideApp;

  beforeAll(async () => {
    const manifest = { type: 'module' };
    app = await installRegistrar(12, NEST_12, { manifest, tools: ['vitest@4'] });
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  it('passes its tests', async () => {
    await app.tool('vitest/vitest.mjs', 'run', '--globals');
  });

  it('passes the tests of README.md and docs/testing.md', async () => {
    await addPrinted(app, 'Vitest');
    await app.tool('vitest/vitest.mjs', 'run', '--globals', '--dir', PRINTED);
  });

  it.each(PLATFORMS)('serves a request on %s', (platform) => answers(app, platform));
});

describe('a CommonJS app on Nest 12 with Jest 30', () => {
  let app: OutsideApp;

  beforeAll(async () => {
    const tools = ['jest@30', 'ts-jest@29', '@types/jest@30'];
    app = await installRegistrar(12, NEST_12, { manifest: { jest: JEST }, tools });
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  // Nest 12 is ESM only. Jest can require it since Node 24.9, with the flag that `nest new` sets.
  it('passes its tests on Node 24', async () => {
    const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--ci'];
    await app.run(await nodeBinary('24'), ...jest);
  });

  it('passes the tests of README.md and docs/testing.md', async () => {
    await addPrinted(app, 'Jest');
    const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--ci'];
    await app.run(await nodeBinary('24'), ...jest, '--config', PRINTED_JEST);
  });

  it.each(PLATFORMS)('serves a request on %s', (platform) => answers(app, platform));
});
