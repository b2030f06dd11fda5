import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeBinary } from './support/node-binary.js';
import { OutsideApp } from './support/outside-app.js';
import { NEST_11, NEST_12 } from './support/peers.js';

// The oldest versions that the packages of Nest 12 support, and the newest version of each release line.
const FLOOR = '20.19.0';
const VERSIONS = [FLOOR, '22.12.0', '22', '24'];

describe.each([
  { nest: 'Nest 11', peers: NEST_11 },
  { nest: 'Nest 12', peers: NEST_12 },
])('$nest', ({ peers }) => {
  let app: OutsideApp;

  beforeAll(async () => {
    const node = await nodeBinary(FLOOR);
    app = await OutsideApp.install({ files: ['main-job'], dependencies: peers, node });
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  it(`installs on Node ${FLOOR} without a warning that this package causes`, async () => {
    if (app.warnings.length === 0) return;
    const node = await nodeBinary(FLOOR);
    await using bare = await OutsideApp.install({ dependencies: peers, node, isBare: true });
    expect(app.warnings.filter((line) => !bare.warnings.includes(line))).toEqual([]);
  });

  describe.each(VERSIONS)('on Node %s, with this package loaded first,', (version) => {
    it.each([
      ['imported', 'run.mjs'],
      ['required', 'run.cjs'],
    ])('issues a certificate when it is %s', async (_, script) => {
      const node = await nodeBinary(version);
      expect(await app.run(node, '--version')).toMatch(`v${version}`);
      expect(JSON.parse(await app.run(node, script))).toMatchObject({ status: 'issued' });
    });
  });
});
