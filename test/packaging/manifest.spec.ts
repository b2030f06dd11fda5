import { dirname } from 'node:path';
import { rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER_AGENT } from '../../lib/package-info.js';
import manifest from '../../package.json' with { type: 'json' };
import { run } from './support/command.js';
import { foreignImports, packageOf } from './support/imports.js';
import { pinnedNames, publicNames } from './support/public-names.js';
import { pack, REPOSITORY, type Tarball } from './support/tarball.js';

let tarball: Tarball;

beforeAll(async () => {
  tarball = await pack();
});

afterAll(() => rm(dirname(tarball.path), { recursive: true }));

describe('the tarball', () => {
  it('holds the build, the manifest and the papers, and nothing else', () => {
    const papers = tarball.files.filter((file) => !file.startsWith('dist/'));
    expect(papers).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']);
    const strange = /^dist\/(?!(cjs|esm|schematics)\/)|tsbuildinfo|\.(spec|test)\.|\.map$/;
    expect(tarball.files.filter((file) => strange.test(file))).toEqual([]);
  });

  it('holds every file that the manifest leads to', () => {
    const targets = JSON.stringify([manifest.exports, manifest.main, manifest.types]);
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
    const undeclared = (await foreignImports([...code(), ...types()])).filter(
      (found) => !found.specifier.startsWith('node:') && !allowed.has(packageOf(found)),
    );
    expect(undeclared).toEqual([]);
  });

  it('is never the code of axios, which the host has its own copy of', async () => {
    const imports = await foreignImports(code());
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((found) => packageOf(found) === 'axios')).toEqual([]);
  });
});

describe('the public names', () => {
  it.each(['esm', 'cjs'] as const)('of the %s build are the pinned ones', async (format) => {
    expect(await publicNames(format)).toEqual(await pinnedNames());
  });
});

it('the User-Agent names the version of the manifest', () => {
  expect(USER_AGENT).toBe(`${manifest.name}/${manifest.version}`);
});

function tool(script: string, ...args: string[]): Promise<string> {
  return run(REPOSITORY, process.execPath, `node_modules/${script}`, ...args);
}
