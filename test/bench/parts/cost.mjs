import { CONTESTANTS } from '../contestants/index.mjs';
import { spread } from '../harness/stats.mjs';
import { table } from '../harness/markdown.mjs';
import { bytesAbove } from './bytes.mjs';
import { firstCalls } from './first-calls.mjs';
import { ratios } from './ratios.mjs';

/** Part one: what a request costs while the token is valid. */
export async function cost({ quick, with: chosen }) {
  const contestants = CONTESTANTS.filter(
    ({ name }) => !chosen || name === 'bare' || chosen.includes(name),
  );
  const { stub, loopback, first, samples } = quick ? QUICK : FULL;
  const columns = {
    stub: await ratios(contestants, { ...stub, stub: true }),
    loopback: await ratios(contestants, { ...loopback, stub: false }),
    first: await firstCalls(contestants, first),
    bytes: await bytesAbove(contestants, samples),
  };
  const rows = contestants.map(({ name, label }) => [
    label,
    spread(columns.stub.get(name)),
    spread(columns.loopback.get(name)),
    spread(columns.first.get(name)),
    spread(columns.bytes.get(name), 1),
  ]);
  const head = [
    '',
    'CPU, stub transport',
    'CPU, loopback',
    'CPU, loopback, first 2,000 calls of a process',
    'KiB above bare axios',
  ];
  return `## Cost of a request\n\n${TEXT}\n\n${table(head, rows)}`;
}

const TEXT =
  'The token is valid. CPU and allocation per request over those of bare axios with fixed headers: median (min to max).';
const ALONE = { count: 1, batch: 50 };
const CROWD = { count: 64, batch: 1 };
const FIRST = { calls: 2_000, callers: 64 };
const QUICK = {
  stub: { load: { ...ALONE, ms: 100 }, generations: 1, rounds: 3, warmUp: 400 },
  loopback: { load: { ...CROWD, ms: 150 }, generations: 1, rounds: 3, warmUp: 700 },
  first: { ...FIRST, rounds: 1, lanes: 2 },
  samples: 2,
};
const FULL = {
  stub: { load: { ...ALONE, ms: 120 }, generations: 4, rounds: 9, warmUp: 1_000 },
  loopback: { load: { ...CROWD, ms: 250 }, generations: 4, rounds: 8, warmUp: 2_500 },
  first: { ...FIRST, rounds: 9 },
  samples: 15,
};
