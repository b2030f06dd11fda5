// Everything that must hold before a change lands: `npm run check`, which is also what CI runs.
import { Checklist } from './check/checklist.mjs';
import { installsQuietly } from './check/install-warnings.mjs';
import { FLOOR, installNodes } from './check/nodes.mjs';

/** The newest of the other lines. On the floor itself all tests run. */
const OTHERS = ['22', '24'];

const npm = (...words) => ['npm', 'run', '--silent', ...words];
// All is built once, in the beginning, and not again by the script that npm runs before this one.
const built = (script, ...options) => npm('--ignore-scripts', script, '--', ...options);

const list = new Checklist();
list.step('format', npm('format:check'));
list.step('build', npm('build'));
list.step('build the sample', npm('build', '--workspace', 'sample'));
list.step('lint', npm('lint'));
list.step('type-check', npm('typecheck'));
list.step('reference', npm('docs'));

const nodes = list.step('versions of Node.js', () => installNodes([FLOOR, ...OTHERS]));
list.step(`npm ci on Node.js ${FLOOR} warns of nothing`, () => installsQuietly(nodes?.[FLOOR]));
list.tests(`all tests on Node.js ${FLOOR}`, built('test'), nodes?.[FLOOR]);
for (const version of OTHERS) {
  const command = built('test:unit', '--project', 'e2e');
  list.tests(`unit and end-to-end tests on Node.js ${version}`, command, nodes?.[version]);
}
list.tests('chaos', built('test:chaos'), { DOKSTAMP_CHAOS_SECONDS: '30' });
list.tests('fleet', built('test:fleet'));
// It is at the mercy of the machine: what takes it longer than a lease is a second token request.
list.tests('chaos in a fleet', built('test:fleet-chaos', '--retry', '1'));
list.tests('page', built('test:page'));
// A real Prometheus is waited for, which costs little beside the packages.
list.tests('packages, and alerts', built('test:packages', '--project', 'operations'));
list.step('sample', built('start', '--once'), { PORT: '0' });
list.step('bench, a quick run', built('bench', '--quick'));
list.end();
