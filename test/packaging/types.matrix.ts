import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutsideApp } from './support/outside-app.js';
import { NEST_11, NEST_12 } from './support/peers.js';
import { REPOSITORY } from './support/tarball.js';

const COMPILERS = {
  'TypeScript 5.9': 'ts59',
  'TypeScript 6': 'ts6',
  'TypeScript 7': 'ts7',
} as const;
type Compiler = keyof typeof COMPILERS;

const MODES = { node16: 'node16', nodenext: 'nodenext', bundler: 'esnext' } as const;
type Mode = keyof typeof MODES | 'node10';

const STRICT = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--types', 'node'];
const HOST = ['--target', 'es2023', '--lib', 'es2023,esnext.disposable'];
const DECORATORS = ['--experimentalDecorators', '--emitDecoratorMetadata'];

// The subpaths of the source need these.
const OPTIONAL_PEERS = ['@opentelemetry/api@1', 'lru-cache@11'];

const versions = Object.keys(COMPILERS) as Compiler[];
const modes = Object.keys(MODES) as (keyof typeof MODES)[];
const checks = versions.flatMap((version) => modes.map((mode) => [version, mode] as const));

async function compile(
  app: OutsideApp,
  version: Compiler,
  mode: Mode,
  ...files: string[]
): Promise<void> {
  const module = mode === 'node10' ? 'commonjs' : MODES[mode];
  const modules = ['--module', module, '--moduleResolution', mode];
  const compiler = `${COMPILERS[version]}/bin/tsc`;
  await app.tool(compiler, ...STRICT, ...HOST, ...DECORATORS, ...modules, ...files);
}

async function install(peers: readonly string[]): Promise<OutsideApp> {
  const compilers = ['ts59@npm:typescript@~5.9', 'ts6@npm:typescript@6', 'ts7@npm:typescript@7'];
  const dependencies = [...peers, ...OPTIONAL_PEERS, ...compilers, '@types/node@20'];
  const app = await OutsideApp.install({ files: ['types'], dependencies });
  for (const name of ['consumer', 'nest-alone']) {
    for (const kind of ['mts', 'cts']) {
      await app.copy(join(app.folder, `${name}.ts`), `${name}.${kind}`);
    }
  }
  return app;
}

describe.each([
  { nest: 'Nest 11', peers: [...NEST_11, '@nestjs/terminus@11'] },
  { nest: 'Nest 12', peers: [...NEST_12, '@nestjs/terminus@12'] },
])('with the types of $nest, and without skipLibCheck,', ({ nest, peers }) => {
  let app: OutsideApp;

  beforeAll(async () => {
    app = await install(peers);
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  // Nest 12 is ESM only. With `node16`, TypeScript does not let a CommonJS module import it.
  const isUnsupported = ([, mode]: readonly [Compiler, Mode]) =>
    nest === 'Nest 12' && mode === 'node16';

  // One program for both, because each checks all declarations of Nest and axios.
  it.each(checks.filter((check) => !isUnsupported(check)))(
    'an ES module and a CommonJS module compile: %s, %s',
    (version, mode) => compile(app, version, mode, 'consumer.mts', 'consumer.cts'),
  );

  it.each(checks.filter(isUnsupported))('an ES module compiles: %s, %s', (version, mode) =>
    compile(app, version, mode, 'consumer.mts'),
  );

  it.each(checks.filter(isUnsupported))(
    'a CommonJS module cannot import Nest itself: %s, %s',
    async (version, mode) => {
      await expect(compile(app, version, mode, 'nest-alone.cts')).rejects.toThrow('TS1479');
    },
  );

  it.each(nest === 'Nest 11' ? (['TypeScript 5.9'] as const) : [])(
    'an app with node10 resolution compiles: %s',
    (version) => compile(app, version, 'node10', 'consumer.ts'),
  );

  it.each(['esm', 'cjs'])('the source compiles with tsconfig.%s.json', async (format) => {
    const configs = ['tsconfig.json', `tsconfig.${format}.json`, 'package.json', 'lib'];
    for (const name of configs) await app.copy(join(REPOSITORY, name), `source-${format}/${name}`);
    await app.tool('ts6/bin/tsc', '-p', `source-${format}/tsconfig.${format}.json`, '--noEmit');
  });
});
