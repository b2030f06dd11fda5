// npm run check [-- step…]: what CI runs. Without a name it runs every step; --list prints their names.
import { Checklist } from './check/checklist.mjs';
import { installsQuietly } from './check/install-warnings.mjs';
import { FLOOR, installNodes } from './check/nodes.mjs';

const npm = (...words) => ['npm', 'run', '--silent', ...words];
// The build is made once, so no script's `pre` builds again.
const built = (...words) => npm('--ignore-scripts', ...words);
const vitest = (...words) => ['npx', 'vitest', 'run', ...words];
const testOn = (version) => (list) =>
  list.tests(
    `npm test on Node.js ${version}`,
    built('test', '--'),
    installNodes([version])[version],
  );

/** Each step is independent of the others, so that a matrix of CI can run them side by side. */
const STEPS = {
  static: (list) => {
    list.step('format', npm('format:check'));
    list.step('lint', npm('lint'));
    list.step('type-check', npm('typecheck'));
    list.step('reference', npm('docs'));
  },
  floor: (list) => {
    const nodes = list.step(`Node.js ${FLOOR}`, () => installNodes([FLOOR]));
    list.step(`npm ci on Node.js ${FLOOR} prints no warning`, () =>
      installsQuietly(nodes?.[FLOOR]),
    );
    testOn(FLOOR)(list);
  },
  'node-22': testOn('22'),
  'node-24': testOn('24'),
  chaos: (list) => {
    const env = { DOKSTAMP_CHAOS_SECONDS: '30', DOKSTAMP_CHAOS_SEED: 'new' };
    list.tests('chaos', vitest('--project', 'chaos'), env);
  },
  fleet: (list) => {
    const files = ['--project', 'fleet', '--maxWorkers', '1'];
    list.tests('fleet', vitest(...files, '--exclude', 'test/fleet/chaos.spec.ts'));
    // A process that the machine stops for longer than a lease makes a second token request, so it may run again.
    list.tests('chaos in a fleet', vitest(...files, '--retry', '1', 'test/fleet/chaos.spec.ts'));
  },
  sample: (list) => {
    list.step('npm start -- --once', built('start', '--', '--once'), { PORT: '0' });
    list.tests('sample', vitest('--project', 'sample'));
  },
  page: (list) => list.tests('page', vitest('--project', 'page', '--maxWorkers', '1')),
  packages: (list) => {
    // The alerts wait for a real Prometheus, which costs little beside the packages.
    const projects = ['packaging', 'packages', 'operations'].flatMap((name) => ['--project', name]);
    list.tests('packages, and alerts', vitest(...projects, '--maxWorkers', '3'));
  },
  bench: (list) => list.step('bench, a quick run', built('bench', '--', '--quick')),
};

const names = process.argv.slice(2);
if (names.includes('--list')) {
  console.log(Object.keys(STEPS).join('\n'));
  process.exit(0);
}
const unknown = names.filter((name) => !Object.hasOwn(STEPS, name));
if (unknown.length > 0) {
  console.error(`Unknown step: ${unknown.join(', ')}. npm run check -- --list prints the names.`);
  process.exit(2);
}

console.log(`npm test leaves out what needs a real server, a browser, an installed package or minutes:
chaos, fleet (redis-server), sample, page (chromium), packages (with the alerts: prometheus), bench.`);
const list = new Checklist();
list.step('build', npm('build'));
list.step('build the sample', npm('build', '--workspace', 'sample'));
for (const name of names.length > 0 ? names : Object.keys(STEPS)) STEPS[name](list);
list.end();
