import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minVersion } from 'semver';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'node_modules/.cache/node-versions');
const PACKAGE = `node-${process.platform}-${process.arch}`;
const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** The oldest version of Node.js that the package may run on. */
export const FLOOR = minVersion(engines.node).version;

/** For each version of Node.js the environment that lets `npm` and all it starts run on it. */
export function installNodes(versions) {
  return Object.fromEntries(versions.map((version) => [version, environment(version)]));
}

/** The binary of a version of Node.js, installed from npm where it is not there yet. */
export function nodeBinary(version) {
  const folder = join(FOLDER, version);
  if (!existsSync(folder)) install(version, folder);
  return join(folder, 'node_modules', PACKAGE, 'bin/node');
}

function install(version, folder) {
  mkdirSync(FOLDER, { recursive: true });
  // Two test files may want the same one at once: each makes it whole, and the first puts it in place.
  const making = mkdtempSync(join(FOLDER, 'making-'));
  writeFileSync(join(making, 'package.json'), '{ "private": true }\n');
  const options = ['--prefer-offline', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  const words = ['install', '--prefix', making, ...options, `${PACKAGE}@${version}`];
  execFileSync('npm', words, { cwd: making, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

function environment(version) {
  return { PATH: [dirname(nodeBinary(version)), process.env.PATH].join(delimiter) };
}
