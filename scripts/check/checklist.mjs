import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Steps that run one after the other, all of them, and the sum of what passed and failed. */
export class Checklist {
  #passed = 0;
  #failed = 0;
  #told = [];

  /** A step that is a command, which may be given more environment, or a function, whose value it gives. */
  step(name, work, env = {}) {
    return this.#timed(name, () => {
      const value = typeof work === 'function' ? attempt(work) : succeeds(work, env) || undefined;
      this.#count(value ? 1 : 0, value ? 0 : 1);
      return value;
    });
  }

  /** A step that runs Vitest: each of its tests counts. */
  tests(name, command, env = {}) {
    const failures = this.#timed(name, () => {
      const folder = mkdtempSync(join(tmpdir(), 'dokstamp-report-'));
      const report = join(folder, 'report.json');
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
      const isGood = succeeds([...command, ...reporters], env);
      const { passed, failed, skipped, failures } = attempt(() => readReport(report)) ?? NONE;
      rmSync(folder, { recursive: true });
      // What fails outside of a test, and a run that found none, is one failure.
      const isWhole = failed > 0 || (isGood && passed > 0);
      this.#count(passed, failed + (isWhole ? 0 : 1));
      // On a developer's machine a service may be missing that some tests need. CI has them all.
      if (skipped > 0 && process.env.CI) this.#count(0, skipped, `${skipped} tests were skipped`);
      return isWhole ? failures : [...failures, 'failed: outside of a test'];
    });
    this.#told.push(...failures.map((text) => text.replaceAll(/^/gm, '         ')));
  }

  /** Tells the sum, alone on the last line, and ends the process: with success only where nothing failed. */
  end() {
    console.log(`\n=== summary\n${this.#told.join('\n')}`);
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    process.exit(this.#failed === 0 ? 0 : 1);
  }

  #timed(name, work) {
    console.log(`\n=== ${name}`);
    const start = performance.now();
    const failedBefore = this.#failed;
    const value = work();
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    const outcome = this.#failed === failedBefore ? 'ok' : 'FAILED';
    this.#told.push(`${outcome.padEnd(6)} ${seconds.padStart(4)} s  ${name}`);
    return value;
  }

  #count(passed, failed, reason) {
    this.#passed += passed;
    this.#failed += failed;
    if (failed > 0) console.log(`=== FAILED${reason ? `: ${reason}` : ''}`);
  }
}

const LONGEST_FAILURE = 600;
const NONE = { passed: 0, failed: 0, skipped: 0, failures: [] };

function succeeds([command, ...args], env) {
  const stdio = ['ignore', 'inherit', 'inherit'];
  const { status, error } = spawnSync(command, args, { stdio, env: { ...process.env, ...env } });
  if (error) console.error(error.message);
  return status === 0;
}

function attempt(work) {
  try {
    return work();
  } catch (error) {
    console.error(error.message);
    return undefined;
  }
}

function readReport(report) {
  const { testResults, ...counts } = JSON.parse(readFileSync(report, 'utf8'));
  return {
    passed: counts.numPassedTests,
    failed: counts.numFailedTests,
    skipped: counts.numPendingTests + counts.numTodoTests,
    failures: testResults.flatMap(failuresOf),
  };
}

/** What failed in a file, or was skipped: a line each, and what was said of it. */
function failuresOf({ name: file, status, message, assertionResults }) {
  const told = assertionResults
    .filter(({ status }) => status !== 'passed')
    .map(({ fullName, status, failureMessages }) => [`${status}: ${fullName}`, ...failureMessages]);
  // A file that cannot be read, or whose set-up fails, has no tests.
  if (status === 'failed' && told.length === 0) told.push([`failed: ${file}`, message]);
  return told.map((lines) => lines.join('\n').slice(0, LONGEST_FAILURE));
}
