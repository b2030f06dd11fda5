import { builtinModules } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import manifest from '../../package.json' with { type: 'json' };
import { bootAccount, optionsFor } from '../support/app.js';
import { run } from './support/command.js';
import { foreignImports, packageOf } from './support/imports.js';
import { REPOSITORY } from './support/tarball.js';
import { setUpTarball, tarball, tearDownTarball, unpacked } from './support/unpacked-tarball.js';

beforeAll(setUpTarball);
afterAll(tearDownTarball);

describe('the tarball', () => {
  it('contains the build, the manifest and the pages only', () => {
    const rest = tarball.files.filter((file) => !/^(dist|docs)\//.test(file));
    const pages = ['BENCHMARKS.md', 'CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md'];
    expect(rest).toEqual([...pages, 'package.json']);
    const unexpected =
      /^dist\/(?!(cjs|esm|schematics)\/)|^docs\/api|tsbuildinfo|\.(spec|test)\.|\.map$/;
    expect(tarball.files.filter((file) => unexpected.test(file))).toEqual([]);
  });

  it('contains every file that the manifest names', () => {
    const { exports, main, types, bin } = manifest as typeof manifest & { bin?: object };
    const targets = JSON.stringify([exports, main, types, bin]);
    const paths = [...targets.matchAll(/"\.\/([^"]+\.[^"]+)"/g)].map(([, path]) => path);
    expect(paths.length).toBeGreaterThan(8);
    expect(tarball.files).toEqual(expect.arrayContaining(paths));
  });

  it('passes publint --strict', async () => {
    expect(await tool('publint/src/cli.js', 'run', tarball.path, '--strict')).toMatch(/All good/);
  });

  it('passes attw in its default profile', async () => {
    const cli = '@arethetypeswrong/cli/dist/index.js';
    const report = await tool(cli, tarball.path, '--no-definitely-typed', '--format', 'json');
    expect(JSON.parse(report)).toHaveProperty('problems', {});
  });
});

describe('each import of the build', () => {
  const code = () => tarball.files.filter((file) => /^dist\/.*\.[cm]?js$/.test(file));
  const types = () => tarball.files.filter((file) => /^dist\/.*\.d\.[cm]?ts$/.test(file));

  it('is a peer dependency or a module of Node.js', async () => {
    const allowed = new Set([...Object.keys(manifest.peerDependencies), ...builtinModules]);
    const undeclared = (await foreignImports(unpacked, [...code(), ...types()])).filter(
      (found) => !found.specifier.startsWith('node:') && !allowed.has(packageOf(found)),
    );
    expect(undeclared).toEqual([]);
  });

  it('is not the code of axios, because the app has a copy of its own', async () => {
    const imports = await foreignImports(unpacked, code());
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((found) => packageOf(found) === 'axios')).toEqual([]);
  });
});

describe('the manifest', () => {
  it('has the version that the User-Agent header names', async () => {
    await using sandbox = await DokStampSandbox.start();
    await using account = await bootAccount(optionsFor(sandbox));
    await account.tokens.getToken();
    const [{ headers } = {}] = sandbox.requests;
    expect(headers?.['user-agent']).toBe(`${manifest.name}/${manifest.version}`);
  });

  it('names the address of the repository everywhere', () => {
    const [, address] = /^git\+(https:.*)\.git$/.exec(manifest.repository.url) ?? [];
    expect(manifest.homepage).toBe(`${address}#readme`);
    expect(manifest.bugs.url).toBe(`${address}/issues`);
  });
});

function tool(script: string, ...args: string[]): Promise<string> {
  return run(REPOSITORY, process.execPath, `node_modules/${script}`, ...args);
}
