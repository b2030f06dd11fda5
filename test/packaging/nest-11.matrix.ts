import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutsideApp } from './support/outside-app.js';
import { NEST_11 } from './support/peers.js';
import { installRegistrar } from './support/registrar.js';

const jest = {
  testEnvironment: 'node',
  transform: { '\\.ts$': 'ts-jest' },
  moduleNameMapper: { '^(\\./.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist'],
};

describe.each([29, 30])('a CommonJS app on Nest 11 with Jest %i', (version) => {
  let app: OutsideApp;

  beforeAll(async () => {
    const tools = [`jest@${version}`, 'ts-jest@29', `@types/jest@${version}`];
    app = await installRegistrar(11, NEST_11, { manifest: { jest }, tools });
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  it('passes its tests', async () => {
    await app.tool('jest/bin/jest.js', '--ci');
  });

  it.each(['express', 'fastify'])('answers on %s', async (platform) => {
    expect(await app.run(process.execPath, 'dist/main.js', platform)).toBe('["Ana"]\n');
  });
});
