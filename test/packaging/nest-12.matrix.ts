import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutsideApp } from './support/outside-app.js';
import { NEST_12 } from './support/peers.js';
import { installRegistrar } from './support/registrar.js';

describe('an ESM app on Nest 12 with Vitest 4', () => {
  let app: OutsideApp;

  beforeAll(async () => {
    const manifest = { type: 'module' };
    app = await installRegistrar(12, NEST_12, { manifest, tools: ['vitest@4'] });
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  it('passes its tests', async () => {
    await app.tool('vitest/vitest.mjs', 'run', '--globals');
  });

  it.each(['express', 'fastify'])('answers on %s', async (platform) => {
    expect(await app.run(process.execPath, 'dist/main.js', platform)).toBe('["Ana"]\n');
  });
});

describe('a CommonJS app on Nest 12', () => {
  let app: OutsideApp;

  beforeAll(async () => {
    app = await installRegistrar(12, NEST_12, { tools: [] });
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  it.each(['express', 'fastify'])('answers on %s', async (platform) => {
    expect(await app.run(process.execPath, 'dist/main.js', platform)).toBe('["Ana"]\n');
  });
});
