import { CONTESTANTS } from '../contestants/index.mjs';
import { spread } from '../harness/stats.mjs';
import { table } from '../harness/markdown.mjs';
import { bytesAbove } from './bytes.mjs';
import { ratios } from './ratios.mjs';

/** Part one: what a request costs while the token is valid. */
export async function cost({ quick }) {
  const { stub, loopback, samples } = quick ? QUICK : FULL;
  const columns = {
    stub: await ratios(CONTESTANTS, { ...stub, stub: true }),
    loopback: await ratios(CONTESTANTS, { ...loopback, stub: false }),
    bytes: await bytesAbove(CONTESTANTS, samples),
  };
  const cell = (values, digits) => (values ? spread(values, digits) : '–');
  const rows = CONTESTANTS.map(({ name, label }) => [
    label,
    cell(columns.stub.get(name)),
    cell(columns.loopback.get(name)),
    cell(columns.bytes.get(name), 1),
  ]);
  const head = ['', 'CPU, stub transport', 'CPU, loopback', 'KiB above bare axios'];
  return `## Cost of a request\n\n${TEXT}\n\n${table(head, rows)}`;
}

const TEXT =
  'The token is valid. CPU and allocation per request over those of bare axios with fixed headers: median (min–max).';
const ALONE = { count: 1, batch: 50 };
const CROWD = { count: 64, batch: 1 };
const QUICK = {
  stub: { load: { ...ALONE, ms: 120 }, generations: 1, rounds: 5, warmUp: 500 },
  loopback: { load: { ...CROWD, ms: 200 }, generations: 1, rounds: 3, warmUp: 400 },
  samples: 3,
};
const FULL = {
  stub: { load: { ...ALONE, ms: 250 }, generations: 4, rounds: 7, warmUp: 1000 },
  loopback: { load: { ...CROWD, ms: 500 }, generations: 3, rounds: 6, warmUp: 1000 },
  samples: 15,
};
