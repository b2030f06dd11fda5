import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeout: number, include = `test/${name}/**/*.spec.ts`) => ({
  test: { name, include: [include], testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 10_000),
      project('e2e', 30_000),
      project('fleet', 120_000),
      project('packaging', 600_000),
      project('packages', 600_000, 'test/packaging/**/*.matrix.ts'),
    ],
  },
});
