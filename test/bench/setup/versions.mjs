import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { table } from '../harness/markdown.mjs';

const BENCH = new URL('../', import.meta.url);
const ROOT = new URL('../../', BENCH);
const SHARED = ['axios', '@nestjs/axios', '@nestjs/core', 'rxjs'];

/** What was measured, and on what. */
export function versions() {
  const own = Object.keys(manifest(BENCH).dependencies);
  const rows = [
    ['nestjs-dokstamp', manifest(ROOT).version],
    ...SHARED.map((name) => [name, installed(ROOT, name)]),
    ...own.map((name) => [name, installed(BENCH, name)]),
    ['Node.js', process.versions.node],
    ['machine', `${process.platform} ${process.arch}, ${cpus().length} processors`],
  ];
  return `## Versions\n\n${table(['', 'version'], rows)}\n`;
}

function installed(root, name) {
  return manifest(new URL(`node_modules/${name}/`, root)).version;
}

function manifest(folder) {
  return JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
}
