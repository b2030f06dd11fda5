import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { REPOSITORY } from './support/tarball.js';

type Loader = typeof import('../../schematics/nest-add/compiler.loader.js');

const { loadCompiler } = createRequire(import.meta.url)(
  join(REPOSITORY, 'dist/schematics/nest-add/compiler.loader.js'),
) as Loader;

let app: string;

beforeEach(async () => {
  app = await mkdtemp(join(tmpdir(), 'dokstamp-compiler-'));
});

afterEach(() => rm(app, { recursive: true }));

it('nest add uses the TypeScript of the app', async () => {
  await install('typescript', 'exports.version = "5.9.3"; exports.createSourceFile = () => {};');
  expect(loadCompiler(app)).toHaveProperty('version', '5.9.3');
});

it('nest add uses the TypeScript of the Nest CLI if the app has TypeScript 7', async () => {
  await install('typescript', 'exports.version = "7.0.2";');
  await install('@nestjs/cli', '');
  await install(
    '@nestjs/cli/node_modules/typescript',
    'exports.version = "6.0.3"; exports.createSourceFile = () => {};',
  );
  expect(loadCompiler(app)).toHaveProperty('version', '6.0.3');
});

it('nest add uses the TypeScript of the running CLI if the app has none', () => {
  expect(loadCompiler(app)).toHaveProperty('createSourceFile');
});

async function install(name: string, code: string): Promise<void> {
  const folder = join(app, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "main": "./index.js" }');
  await writeFile(join(folder, 'index.js'), code);
}
