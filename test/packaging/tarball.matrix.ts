import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { OutsideApp } from './support/outside-app.js';
import { NEST_12 } from './support/peers.js';

describe('the packed tarball, in a Nest 12 app outside the repository,', () => {
  let app: OutsideApp;

  beforeAll(async () => {
    app = await OutsideApp.install({ files: ['main-job'], dependencies: NEST_12 });
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  it.each([
    ['imported', 'run.mjs', 'dist/esm/index.js'],
    ['required', 'run.cjs', 'dist/cjs/index.js'],
  ])(
    'issues a certificate when it is %s, although the token is revoked',
    async (_, script, entry) => {
      expect(JSON.parse(await app.run(process.execPath, script))).toEqual({
        status: 'issued',
        tokenRequests: 2,
        from: expect.stringContaining(join('node_modules', 'nestjs-dokstamp', entry)),
      });
    },
  );

  it('works without the optional peer dependencies', async () => {
    const installed = await readdir(join(app.folder, 'node_modules'), { recursive: true });
    const { peerDependenciesMeta = {} } = manifest as { peerDependenciesMeta?: object };
    expect(installed).toContain('@nestjs/core');
    for (const peer of Object.keys(peerDependenciesMeta)) expect(installed).not.toContain(peer);
  });
});
