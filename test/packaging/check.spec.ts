import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from './support/tarball.js';

const CHECKLIST = urlOf('checklist.mjs');

/** Stands for Vitest: writes the report that it is given, where it is told to, and ends with this code. */
const RUNNER = `import { writeFileSync } from 'node:fs';
const [counts, code, ...options] = process.argv.slice(2);
const path = options.find((option) => option.startsWith('--outputFile.json=')).split('=')[1];
if (counts) {
  const [passed, failed, skipped] = counts.split(' ').map(Number);
  writeFileSync(path, JSON.stringify({
    numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: 0,
    testResults: [
      ...Array.from({ length: failed }, () => fileWith('failed', ['expected 1 to be 2'])),
      ...Array.from({ length: skipped }, () => fileWith('skipped', [])),
      ...(Number(code) && !failed ? [{ name: 'broken.spec.ts', status: 'failed', message: 'no such import', assertionResults: [] }] : []),
    ],
  }));
}
process.exit(Number(code));
function fileWith(status, failureMessages) {
  return {
    name: 'a.spec.ts',
    status: 'passed',
    assertionResults: [{ status: 'passed' }, { fullName: 'a thing works', status, failureMessages }],
  };
}`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokstamp-check-'));
  await writeFile(join(folder, 'runner.mjs'), RUNNER);
});

afterAll(() => rm(folder, { recursive: true }));

describe('the sum of a check', () => {
  it.each([
    ['a step that passes', step(0), '1 passed, 0 failed'],
    ['a step that fails', step(3), '0 passed, 1 failed'],
    ['a command that is not there', `list.step('a', ['no-such-command'])`, '0 passed, 1 failed'],
    [
      'a function that throws',
      `list.step('a', () => { throw new Error('x') })`,
      '0 passed, 1 failed',
    ],
    ['tests that pass', tests('7 0 0', 0), '7 passed, 0 failed'],
    ['tests of which some fail', tests('5 2 0', 1), '5 passed, 2 failed'],
    ['tests that pass in a run that fails', tests('7 0 0', 1), '7 passed, 1 failed'],
    ['a run that finds no test', tests('0 0 0', 0), '0 passed, 1 failed'],
    ['a run that dies without a report', tests('', 1), '0 passed, 1 failed'],
    ['skipped tests', tests('7 0 3', 0), '7 passed, 3 failed'],
    ['all of it', [step(0), step(1), tests('5 2 1', 1)].join('\n'), '6 passed, 4 failed'],
  ])('counts %s', async (_, steps, sum) => {
    const { status, lines } = check(steps, 'true');
    expect(lines.at(-1)).toBe(sum);
    expect(status).toBe(sum.endsWith(' 0 failed') ? 0 : 1);
  });

  it('leaves skipped tests out on the machine of a developer', () => {
    const { status, lines } = check(tests('7 0 3', 0), '');
    expect(lines.at(-1)).toBe('7 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('goes on after what fails, and says which it was', () => {
    const { lines } = check([step(1), tests('1 0 0', 0)].join('\n'), 'true');
    expect(lines).toContainEqual(expect.stringMatching(/^FAILED +\d+ s {2}a step$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ok +\d+ s {2}some tests$/));
  });

  it('names at the end what failed or was skipped, and why', () => {
    const { lines } = check([tests('1 1 1', 1), tests('1 0 0', 1)].join('\n'), 'true');
    const summary = lines.slice(lines.indexOf('=== summary')).join('\n');
    for (const told of [
      'failed: a thing works\n         expected 1 to be 2',
      'skipped: a thing works',
      'failed: broken.spec.ts\n         no such import',
      'failed: outside of a test',
    ]) {
      expect(summary).toContain(`         ${told}`);
    }
  });
});

describe('the step that looks at the warnings of npm ci', () => {
  it.each([
    ['*', '1 passed, 0 failed'],
    ['>=99', '0 passed, 1 failed'],
  ])('with a locked package for Node.js %s: %s', async (node, sum) => {
    const manifest = { name: 'host', version: '1.0.0', dependencies: { tool: '1.0.0' } };
    const packages = {
      '': manifest,
      'node_modules/tool': { version: '1.0.0', engines: { node } },
    };
    const lock = { name: 'host', version: '1.0.0', lockfileVersion: 3, packages };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const look = `const { installsQuietly } = await import('${urlOf('install-warnings.mjs')}');`;
    const { lines } = check(`${look} list.step('npm ci', () => installsQuietly());`, 'true');
    expect(lines.at(-1)).toBe(sum);
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

function check(steps: string, CI: string) {
  const script = `import { Checklist } from '${CHECKLIST}';
    const list = new Checklist();
    ${steps}
    list.end();`;
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, CI } },
  );
  return { status, lines: stdout.trimEnd().split('\n') };
}
