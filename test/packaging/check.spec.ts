import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { REPOSITORY } from './support/tarball.js';

/** Stands for Vitest: writes a report with these counts, if any, and exits with this code. */
const RUNNER = `import { writeFileSync } from 'node:fs';
const [counts, code, ...options] = process.argv.slice(2);
const path = options.find((option) => option.startsWith('--outputFile.json=')).split('=')[1];
if (counts) {
  const [passed, failed, skipped] = counts.split(' ').map(Number);
  const file = (status, failureMessages) => ({
    name: 'a.spec.ts',
    status: 'passed',
    assertionResults: [{ fullName: 'a thing works', status, failureMessages }],
  });
  writeFileSync(path, JSON.stringify({
    numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: 0,
    testResults: [
      ...Array.from({ length: failed }, () => file('failed', ['expected 1 to be 2'])),
      ...Array.from({ length: skipped }, () => file('skipped', [])),
    ],
  }));
}
process.exit(Number(code));`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokstamp-check-'));
  await writeFile(join(folder, 'runner.mjs'), RUNNER);
});

afterAll(() => rm(folder, { recursive: true }));

describe('the sum of npm run check', () => {
  it('counts each command as one, and each test of a run of Vitest', () => {
    const { status, lines } = check([step(0), tests('7 0 0', 0)]);
    expect(lines.at(-1)).toBe('8 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('includes the steps after a failure, and the summary names what failed', () => {
    const { status, lines } = check([step(1), tests('5 2 0', 1), tests('1 0 0', 0)]);
    expect(lines.at(-1)).toBe('6 passed, 3 failed');
    expect(status).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^FAILED +\d+ s {2}a step$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ok +\d+ s {2}some tests$/));
    expect(lines.join('\n')).toMatch(/ {9}failed: a thing works\n {9}expected 1 to be 2/);
  });

  it('counts a skipped test as failed in CI only', () => {
    const skipping = tests('7 0 3', 0);
    expect(check([skipping]).lines.at(-1)).toBe('7 passed, 3 failed');
    expect(check([skipping], { CI: '' }).lines.at(-1)).toBe('7 passed, 0 failed');
  });

  it('counts a run without a report, without a test or with a failure outside of a test', () => {
    const { lines } = check([tests('', 1), tests('0 0 0', 0), tests('1 0 0', 1)]);
    expect(lines.at(-1)).toBe('1 passed, 3 failed');
  });
});

describe('the step for the warnings of npm ci', () => {
  it('fails if a locked package needs another version of Node.js', async () => {
    const manifest = { name: 'host', version: '1.0.0', dependencies: { tool: '1.0.0' } };
    const tool = { version: '1.0.0', engines: { node: '>=99' } };
    const packages = { '': manifest, 'node_modules/tool': tool };
    const lock = { name: 'host', version: '1.0.0', lockfileVersion: 3, packages };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const { installsQuietly }: { installsQuietly: (env: object, cwd: string) => boolean } =
      await import(urlOf('install-warnings.mjs'));
    const error = vi.spyOn(console, 'error').mockReturnValue();
    expect(installsQuietly({}, folder)).toBe(false);
    expect(error).toHaveBeenCalledWith(expect.stringContaining('EBADENGINE'));
    error.mockRestore();
  });
});

function urlOf(name: string): string {
  return pathToFileURL(join(REPOSITORY, 'scripts/check', name)).href;
}

function step(code: number): string {
  return `list.step('a step', [process.execPath, '-e', 'process.exit(${code})']);`;
}

function tests(counts: string, code: number): string {
  return `list.tests('some tests', [process.execPath, 'runner.mjs', '${counts}', '${code}']);`;
}

/** Runs these steps. Returns the exit code and the lines of stdout. */
function check(steps: readonly string[], env = { CI: 'true' }) {
  const script = `import { Checklist } from '${urlOf('checklist.mjs')}';
    const list = new Checklist();
    ${steps.join('\n')}
    list.end();`;
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } },
  );
  return { status, lines: stdout.trimEnd().split('\n') };
}
