import { expect } from 'vitest';
import { OutsideApp } from './outside-app.js';

/** The HTTP platforms of Nest. */
export const PLATFORMS = ['express', 'fastify'] as const;

/** The Jest configuration of the registrar. */
export const JEST = {
  testEnvironment: 'node',
  transform: { '\\.ts$': 'ts-jest' },
  moduleNameMapper: { '^(\\./.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/printed'],
};

const TOOLCHAIN = ['typescript@6', '@types/node@20'];

/** Installs and builds the registrar: an app of a service, a controller and a module, with its tests. */
export async function installRegistrar(
  major: 11 | 12,
  peers: readonly string[],
  { manifest, tools }: { manifest?: object; tools: readonly string[] },
): Promise<OutsideApp> {
  const nest = ['platform-express', 'platform-fastify', 'testing'].map(
    (name) => `@nestjs/${name}@${major}`,
  );
  const dependencies = [...peers, ...nest, ...TOOLCHAIN, ...tools];
  const app = await OutsideApp.install({ files: ['registrar'], dependencies, manifest });
  await app.tool('typescript/bin/tsc', '-p', 'tsconfig.build.json');
  return app;
}

/** Lets the built registrar serve one request. */
export async function answers(
  app: OutsideApp,
  platform: (typeof PLATFORMS)[number],
): Promise<void> {
  expect(await app.run(process.execPath, 'dist/main.js', platform)).toBe('["Ana"]\n');
}
