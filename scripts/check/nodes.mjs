import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minVersion } from 'semver';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'node_modules/.cache/node-versions');
const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** The oldest version of Node.js that the package may run on. */
export const FLOOR = minVersion(engines.node).version;

/** Versions of Node.js, installed from npm: for each the environment that lets `npm` and all it starts run on it. */
export function installNodes(versions) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }\n');
  const binaries = versions.map((version) => {
    return `node-${version}@npm:node-${process.platform}-${process.arch}@${version}`;
  });
  const options = ['--prefer-offline', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', ['install', ...options, ...binaries], { cwd: FOLDER, stdio: 'inherit' });
  return Object.fromEntries(versions.map((version) => [version, environment(version)]));
}

function environment(version) {
  const folder = join(FOLDER, 'node_modules', `node-${version}`, 'bin');
  return { PATH: [folder, process.env.PATH].join(delimiter) };
}
