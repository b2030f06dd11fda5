import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { minVersion, satisfies } from 'semver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER_AGENT } from '../../lib/package-info.js';
import manifest from '../../package.json' with { type: 'json' };
import { run } from './support/command.js';
import { foreignImports, packageOf } from './support/imports.js';
import { REPOSITORY } from './support/tarball.js';
import { setUpTarball, tarball, tearDownTarball, unpacked } from './support/unpacked-tarball.js';

beforeAll(setUpTarball);
afterAll(tearDownTarball);

describe('the tarball', () => {
  it('holds the build, the manifest, the pages and nothing else', () => {
    const rest = tarball.files.filter((file) => !/^(dist|docs)\//.test(file));
    const pages = ['BENCHMARKS.md', 'CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md'];
    expect(rest).toEqual([...pages, 'package.json']);
    const strange =
      /^dist\/(?!(cjs|esm|schematics)\/)|^docs\/api|tsbuildinfo|\.(spec|test)\.|\.map$/;
    expect(tarball.files.filter((file) => strange.test(file))).toEqual([]);
  });

  it('holds every file that the manifest leads to', () => {
    const { exports, main, types, bin } = manifest as typeof manifest & { bin?: object };
    const targets = JSON.stringify([exports, main, types, bin]);
    const paths = [...targets.matchAll(/"\.\/([^"]+\.[^"]+)"/g)].map(([, path]) => path);
    expect(paths.length).toBeGreaterThan(8);
    expect(tarball.files).toEqual(expect.arrayContaining(paths));
  });

  it('is clean for publint --strict', async () => {
    expect(await tool('publint/src/cli.js', 'run', tarball.path, '--strict')).toMatch(/All good/);
  });

  it('is clean for attw in its default profile', async () => {
    const cli = '@arethetypeswrong/cli/dist/index.js';
    const report = await tool(cli, tarball.path, '--no-definitely-typed', '--format', 'json');
    expect(JSON.parse(report)).toHaveProperty('problems', {});
  });
});

describe('what the build imports', () => {
  const code = () => tarball.files.filter((file) => /^dist\/.*\.[cm]?js$/.test(file));
  const types = () => tarball.files.filter((file) => /^dist\/.*\.d\.[cm]?ts$/.test(file));

  it('is a peer, or part of Node', async () => {
    const allowed = new Set([...Object.keys(manifest.peerDependencies), ...builtinModules]);
    const undeclared = (await foreignImports(unpacked, [...code(), ...types()])).filter(
      (found) => !found.specifier.startsWith('node:') && !allowed.has(packageOf(found)),
    );
    expect(undeclared).toEqual([]);
  });

  it('is never the code of axios, which the host has its own copy of', async () => {
    const imports = await foreignImports(unpacked, code());
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((found) => packageOf(found) === 'axios')).toEqual([]);
  });
});

describe('the manifest', () => {
  it('has the version that the User-Agent names', () => {
    expect(USER_AGENT).toBe(`${manifest.name}/${manifest.version}`);
  });

  it('names one address of the repository', () => {
    const [, address] = /^git\+(https:.*)\.git$/.exec(manifest.repository.url) ?? [];
    expect(manifest.homepage).toBe(`${address}#readme`);
    expect(manifest.bugs.url).toBe(`${address}/issues`);
  });

  it('asks for no package that the oldest supported Node.js is too old for', async () => {
    const lock = JSON.parse(await readFile(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { engines?: { node?: string } }>;
    };
    const floor = minVersion(manifest.engines.node) ?? '';
    const locked = Object.entries(lock.packages);
    expect(locked.length).toBeGreaterThan(300);
    const tooNew = locked.filter(([, { engines }]) => !satisfies(floor, engines?.node ?? '*'));
    expect(tooNew.map(([path, { engines }]) => `${path}: ${engines?.node}`)).toEqual([]);
  });
});

function tool(script: string, ...args: string[]): Promise<string> {
  return run(REPOSITORY, process.execPath, `node_modules/${script}`, ...args);
}
