import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { progress } from '../harness/progress.mjs';

const HERE = new URL('..', import.meta.url);

/** Installs the other libraries beside the bench, the first time. */
export function install() {
  if (existsSync(new URL('node_modules', HERE))) return;
  progress('installing the other libraries in test/bench (once)');
  // What npm says goes to stderr: stdout is for the tables.
  execSync('npm ci', { cwd: HERE, stdio: ['ignore', process.stderr, process.stderr] });
}
