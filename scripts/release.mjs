// npm run release: looks at version, changelog and checkout, builds, packs once, tests that tarball, and says what is
// next. It publishes nothing: .github/workflows/release.yml does, with the tarball that was tested.
//   --dry-run    a rehearsal: does not look at the checkout, and goes on where the rest is not ready yet
//   --tag TAG    the tag that is being released, for that workflow
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkoutFaults, contentFaults } from './release/faults.mjs';

const { values: options } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false }, tag: { type: 'string' } },
});
const isRehearsal = options['dry-run'];

const faults = [...contentFaults(), ...(isRehearsal ? [] : checkoutFaults(options.tag))];
const told = `Not ready for release:\n${faults.map((fault) => `- ${fault}`).join('\n')}`;
if (faults.length > 0) console.error(told);
if (faults.length > 0 && !isRehearsal) process.exit(1);

npm('run', '--silent', 'build');
const packing = npm('pack', '--ignore-scripts', '--json');
const [{ name, version, filename, files, size, integrity }] = JSON.parse(packing);
console.log(`${filename}: ${files.length} files, ${(size / 1024).toFixed(0)} KiB, ${integrity}`);

// The build is there already, so no script's `pre` is to run.
process.env.DOKSTAMP_TARBALL = resolve(filename);
npm('run', '--silent', '--ignore-scripts', 'test:tarball');
console.log(`\n${filename} passed its tests.`);

if (faults.length > 0) {
  console.error(told);
  process.exitCode = 1;
} else if (!isRehearsal && options.tag === undefined) {
  console.log(`Nothing is published from here. Next, on the main branch:

  git tag -a v${version} -m '${name} ${version}'
  git push origin v${version}

The workflow "release" then packs, tests and publishes it.`);
}

/** Runs npm, whose failure ends this script; gives what it wrote to stdout if that is to be read. */
function npm(...args) {
  const stdio = ['ignore', args.includes('--json') ? 'pipe' : 'inherit', 'inherit'];
  const { status, stdout } = spawnSync('npm', args, { encoding: 'utf8', stdio });
  if (status !== 0) {
    console.error(`npm ${args.join(' ')} failed: nothing to release.`);
    process.exit(1);
  }
  return stdout;
}
