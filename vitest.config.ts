import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The recipes import this package by its name, as an app does; here that is the source.
const byName = {
  find: /^nestjs-dokstamp(\/\w+)?$/,
  replacement: fileURLToPath(new URL('lib$1/index.ts', import.meta.url)),
};

const project = (name: string, testTimeout: number, include = `test/${name}/**/*.spec.ts`) => ({
  resolve: { alias: name === 'e2e' ? [byName] : [] },
  test: {
    name,
    include: [include],
    testTimeout,
    hookTimeout: testTimeout,
    isolate: name !== 'unit',
  },
});

export default defineConfig({
  test: {
    // Vitest leaves one processor idle; of two that is half of them.
    maxWorkers: '100%',
    projects: [
      project('unit', 10_000),
      project('e2e', 30_000),
      project('fleet', 120_000),
      project('page', 60_000),
      project('page-matrix', 600_000, 'test/page/**/*.matrix.ts'),
      project('operations', 300_000),
      project('packaging', 600_000),
      project('packages', 600_000, 'test/packaging/**/*.matrix.ts'),
    ],
  },
});
