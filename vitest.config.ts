import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Recipes and examples import the package by its name. In tests that name is the source.
const source = {
  find: /^nestjs-dokstamp(\/\w+)?$/,
  replacement: fileURLToPath(new URL('lib$1/index.ts', import.meta.url)),
};

/** Tests that import the source: one module registry per worker, so Nest, axios and RxJS are loaded once. */
const ofSource = (name: string, ...include: string[]) => ({
  resolve: { alias: [source] },
  test: {
    name,
    include,
    isolate: false,
    setupFiles: ['test/support/setup.ts'],
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

/** Tests that start processes, servers, browsers or installs, on what `npm run build` has built. */
const ofBuild = (name: string, ...include: string[]) => ({
  test: { name, include, testTimeout: 600_000, hookTimeout: 600_000 },
});

export default defineConfig({
  test: {
    // By default, Vitest leaves one processor idle: half of a machine that has two.
    maxWorkers: '100%',
    coverage: { provider: 'v8', include: ['lib/**'], exclude: ['lib/**/*.interface.ts'] },
    projects: [
      ofSource('unit', 'test/unit/**/*.spec.ts'),
      ofSource('e2e', 'test/e2e/**/*.spec.ts', 'sample/test/*.spec.ts'),
      ofSource('chaos', 'test/chaos/*.spec.ts'),
      ofBuild('fleet', 'test/fleet/*.spec.ts'),
      ofBuild('sample', 'sample/test/app/*.spec.ts'),
      ofBuild('page', 'sample/test/browser/*.spec.ts'),
      ofBuild('operations', 'test/operations/*.spec.ts'),
      ofBuild('packaging', 'test/packaging/*.spec.ts'),
      ofBuild('packages', 'test/packaging/*.matrix.ts'),
    ],
  },
});
