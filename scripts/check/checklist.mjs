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
    this.#timed(name, () => {
      const folder = mkdtempSync(join(tmpdir(), 'dokstamp-report-'));
      const report = join(folder, 'report.json');
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
      const isGood = succeeds([...command, ...reporters], env);
      const { passed, failed, skipped } = attempt(() => countsOf(report)) ?? NONE;
      rmSync(folder, { recursive: true });
      // What fails outside of a test, and a run that found none, is one failure.
      this.#count(passed, failed || (isGood && passed > 0 ? 0 : 1));
      // On a developer's machine a service may be missing that some tests need. CI has them all.
      if (skipped > 0 && process.env.CI) this.#count(0, skipped, `${skipped} tests were skipped`);
    });
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

const NONE = { passed: 0, failed: 0, skipped: 0 };

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

function countsOf(report) {
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  return {
    passed: counts.numPassedTests,
    failed: counts.numFailedTests,
    skipped: counts.numPendingTests + counts.numTodoTests,
  };
}
