// The compiler writes a file for each file of ours, and an app that loads a hundred of them waits for it. Here all code
// of an entry point goes into one file, and what several of them need into `chunks/`. The compiler's code is taken as
// it is, decorator metadata included, and the declarations stay where they are.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const subpaths = Object.values(manifest.exports).filter((target) => typeof target === 'object');

const esm = [
  ...subpaths.map((target) => target.import.default),
  ...Object.values(manifest.bin ?? {}),
];
const cjs = subpaths.map((target) => target.require.default);

const bundles = await Promise.all([bundleOf('esm', 'es', esm), bundleOf('cjs', 'cjs', cjs)]);
for (const { folder, bundle, options } of bundles) {
  for (const file of readdirSync(folder, { recursive: true })) {
    if (/\.[cm]?js$/.test(file)) rmSync(join(folder, file));
  }
  await bundle.write({ ...options, dir: folder });
}

// The package is ESM ("type": "module"); this file tells Node that the second build is CommonJS.
writeFileSync(join(root, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');

/** All code is in memory once this is there, so that its folder may be emptied. */
async function bundleOf(build, format, targets) {
  const names = targets.map((target) =>
    target.replace(/^(\.\/)?dist\/\w+\//, '').replace(/\.js$/, ''),
  );
  const bundle = await rollup({
    // Both builds from the code that the compiler wrote as ES modules.
    input: Object.fromEntries(names.map((name) => [name, join(root, 'dist/esm', `${name}.js`)])),
    external: (id) => !/^[./]/.test(id),
    treeshake: false,
    onwarn,
  });
  const options = {
    format,
    esModule: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
  };
  return { folder: join(root, 'dist', build), bundle, options };
}

function onwarn(warning) {
  // `this && this.__decorate` of the compiler: in an ES module it is undefined anyway.
  if (warning.code !== 'THIS_IS_UNDEFINED') throw new Error(warning.message);
}
