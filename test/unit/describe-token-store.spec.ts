import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { TokenStore } from '../../lib/index.js';
import { describeTokenStore } from '../../lib/testing/index.js';
import { printedFiles } from '../support/printed-files.js';

const { MapTokenStore } = await fromReadme();

describe('the store that README shows', () => describeTokenStore(() => new MapTokenStore()));

describe('describeTokenStore', () => {
  // A store with one fault; which rules find it.
  const faults: [string, Partial<TokenStore>][] = [
    ['forgets what was written', { write: async () => {} }],
    ['gives a lease to everybody', { lease: async () => true }],
    ['gives a lease to nobody', { lease: async () => false }],
    ['releases nothing', { release: async () => {} }],
    ['reads null', { read: async () => null as unknown as undefined }],
    ['mixes keys', { read: async () => 'one' }],
  ];

  it.concurrent.each(faults)('finds a store that %s', async (_, fault) => {
    const broken = await rulesBrokenBy(() => {
      const store = new MapTokenStore();
      const genuine = Object.fromEntries(
        (['read', 'write', 'lease', 'release'] as const).map((name) => [
          name,
          (...args: never[]) => (store[name] as (...given: never[]) => unknown)(...args),
        ]),
      );
      return { ...(genuine as unknown as TokenStore), ...fault };
    });
    expect(broken.length).toBeGreaterThan(0);
  });

  it('finds nothing wrong with one that is right, on whatever runner', async () => {
    expect(await rulesBrokenBy(() => new MapTokenStore())).toEqual([]);
  });
});

/** The names of the rules that a store breaks, on a runner of our own. */
async function rulesBrokenBy(make: () => TokenStore): Promise<string[]> {
  const tests: [string, () => Promise<void>][] = [];
  describeTokenStore(make, {
    describe: (_, register) => register(),
    it: (name, test) => tests.push([name, test]),
  });
  const results = await Promise.allSettled(tests.map(([, test]) => test()));
  return tests.flatMap(([name], index) => (results[index]?.status === 'rejected' ? [name] : []));
}

async function fromReadme(): Promise<{ MapTokenStore: new () => TokenStore }> {
  const files = await printedFiles('README.md');
  const printed = files.find(({ code }) => code.includes('class MapTokenStore'));
  const folder = await mkdtemp(join(tmpdir(), 'dokstamp-store-'));
  const file = join(folder, 'map-token-store.mjs');
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  await writeFile(file, ts.transpile(printed!.code, options));
  try {
    return await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}
