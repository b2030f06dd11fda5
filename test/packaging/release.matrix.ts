import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from './support/command.js';
import { REPOSITORY } from './support/tarball.js';

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2026-01-31\n\n- It is there.\n';

/** Stand for the build and the tests: a file to pack, and a note of the tarball under test. */
const SCRIPTS = {
  build: `node -e "fs.writeFileSync('index.js', '')"`,
  'test:tarball': `node -e "fs.appendFileSync('.git/tested', process.env.DOKSTAMP_TARBALL)"`,
};

const MANIFEST = {
  name: 'pkg',
  version: '1.2.0',
  files: ['*.js'],
  repository: { type: 'git', url: 'git+https://example.org/our/pkg.git' },
  scripts: SCRIPTS,
};

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'dokstamp-release-')));
  await git('init', '--quiet');
  await write('.gitignore', '*.tgz\nindex.js\n');
  await git('remote', 'add', 'origin', 'git@example.org:our/pkg.git');
  await write('package.json', MANIFEST);
  await write('package-lock.json', { version: '1.2.0', packages: { '': { version: '1.2.0' } } });
  await write('CHANGELOG.md', CHANGELOG);
  await commit();
});

afterEach(() => rm(folder, { recursive: true }));

describe('npm run release', () => {
  it('builds, packs once, tests that tarball, and prints the next step', async () => {
    const printed = await release();
    expect(printed).toContain('pkg-1.2.0.tgz: 2 files');
    expect(printed).toContain('git push origin v1.2.0');
    expect(await tested()).toBe(join(folder, 'pkg-1.2.0.tgz'));
  });

  it('prints no next step in the workflow of the tag', async () => {
    await git('tag', 'v1.2.0');
    expect(await release('--tag', 'v1.2.0')).not.toContain('git push');
  });

  it('fails if the tests of the tarball fail', async () => {
    const scripts = { ...SCRIPTS, 'test:tarball': 'node -e "process.exit(1)"' };
    await write('package.json', { ...MANIFEST, scripts });
    await commit();
    await expect(release()).rejects.toThrow('test:tarball failed: nothing to release');
  });

  it.each([
    [
      'unreleased entries',
      CHANGELOG.replace('\n\n## 1', '\n\n- New.\n- Newer.\n\n## 1'),
      '2 entries are "Unreleased"',
    ],
    [
      'no section of the version',
      '# Changelog\n\n## 1.1.0 - 2026-01-01\n\n- Old.\n',
      'newest version is 1.1.0, not 1.2.0',
    ],
    ['no date', CHANGELOG.replace(' - 2026-01-31', ''), '1.2.0 has no date'],
  ])('refuses a changelog with %s', async (_, changelog, fault) => {
    await write('CHANGELOG.md', changelog);
    await commit();
    await expect(release()).rejects.toThrow(fault);
    await expect(tested()).rejects.toThrow('ENOENT');
  });

  it('refuses a lockfile of another version', async () => {
    await write('package-lock.json', { version: '1.1.0', packages: { '': { version: '1.1.0' } } });
    await commit();
    await expect(release()).rejects.toThrow('package-lock.json: its version is not 1.2.0');
  });

  it('refuses a released version', async () => {
    await git('tag', 'v1.2.0');
    await write('index.js', 'changed');
    await commit('--allow-empty');
    await expect(release()).rejects.toThrow('v1.2.0 is another commit');
  });

  it('refuses a tag of another version', async () => {
    await expect(release('--tag', 'v1.3.0')).rejects.toThrow(
      'The tag is v1.3.0, the version 1.2.0',
    );
  });

  it('refuses a checkout of another repository', async () => {
    await git('remote', 'set-url', 'origin', 'https://example.org/their/pkg.git');
    await expect(release()).rejects.toThrow(
      'the remote "origin" https://example.org/their/pkg.git',
    );
  });

  it('refuses uncommitted changes', async () => {
    await write('CHANGELOG.md', `${CHANGELOG}- And more.\n`);
    await expect(release()).rejects.toThrow('not committed:\n M CHANGELOG.md');
  });

  it('rehearses in any checkout, and prints no next step', async () => {
    await git('remote', 'remove', 'origin');
    await write('notes.txt', 'not committed');
    const printed = await release('--dry-run');
    expect(printed).toContain('passed its tests');
    expect(printed).not.toContain('git push');
  });

  it('rehearses every step if the version is not ready, and fails at the end', async () => {
    await write('CHANGELOG.md', '# Changelog\n');
    await expect(release('--dry-run')).rejects.toThrow(/passed its tests(.|\n)*Not ready/);
    expect(await tested()).toBe(join(folder, 'pkg-1.2.0.tgz'));
  });
});

function release(...options: string[]): Promise<string> {
  return run(folder, process.execPath, join(REPOSITORY, 'scripts/release.mjs'), ...options);
}

function tested(): Promise<string> {
  return readFile(join(folder, '.git/tested'), 'utf8');
}

function write(name: string, content: string | object): Promise<void> {
  return writeFile(
    join(folder, name),
    typeof content === 'string' ? content : JSON.stringify(content),
  );
}

async function commit(...options: string[]): Promise<void> {
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgSign=no'];
  await git('add', '--all');
  await git(...author, 'commit', '--quiet', '--message', 'a', ...options);
}

function git(...args: string[]): Promise<string> {
  return run(folder, 'git', ...args);
}
