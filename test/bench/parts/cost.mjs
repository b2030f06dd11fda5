import { spread } from '../harness/stats.mjs';
import { table } from '../harness/markdown.mjs';
import { bytesAbove } from './bytes.mjs';
import { ratios } from './ratios.mjs';

/** Part one: what a request costs while the token is valid. */
export async function cost(contestants, { quick }) {
  const stub = { stub: true, callers: 1, ...(quick ? QUICK.stub : FULL.stub) };
  const loopback = { stub: false, callers: 64, ...(quick ? QUICK.loopback : FULL.loopback) };
  const columns = {
    stub: await ratios(contestants, stub),
    loopback: await ratios(contestants, loopback),
    bytes: await bytesAbove(contestants, quick ? 5 : 15),
  };
  const cell = (values, digits) => (values ? spread(values, digits) : '–');
  const rows = contestants.map(({ name, label }) => [
    label,
    cell(columns.stub.get(name)),
    cell(columns.loopback.get(name)),
    cell(columns.bytes.get(name), 1),
  ]);
  return table(['', 'CPU, stub transport', 'CPU, loopback', 'KiB above bare axios'], rows);
}

const QUICK = {
  stub: { generations: 1, rounds: 7, ms: 150, warmUp: 600 },
  loopback: { generations: 1, rounds: 5, ms: 250, warmUp: 500 },
};
const FULL = {
  stub: { generations: 4, rounds: 7, ms: 250, warmUp: 1000 },
  loopback: { generations: 3, rounds: 6, ms: 500, warmUp: 1000 },
};
