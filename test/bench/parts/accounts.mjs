import { Child } from '../harness/child.mjs';
import { table } from '../harness/markdown.mjs';
import { progress } from '../harness/progress.mjs';
import { Team } from '../harness/team.mjs';

const MANY = new URL('../harness/many-accounts.mjs', import.meta.url).pathname;
const MAX = 1_000;
// Code that is compiled on the way is not of one account.
const WARM = 100;
const FULL = 100_000;
const QUICK = 5_000;
const STEP = 5_000;

/** Accounts at run time: what one takes, and that nothing grows with the number of keys over time. */
export async function accounts({ quick }) {
  const team = new Team();
  const { baseURL } = await team.account();
  try {
    const each = [];
    for (const depth of ['made', 'token', 'sent']) each.push(await heapOfOne(baseURL, depth));
    progress('accounts at run time: heap of one');
    const [bound, ns] = await overTime(baseURL, quick ? QUICK : FULL);
    return [
      `## Accounts at run time\n\n${TEXT}`,
      table(
        ['', 'measured'],
        [
          ['an account without a token', `${each[0]} KiB`],
          ['one that holds a token', `${each[1]} KiB`],
          ['one that has sent a request', `${each[2]} KiB`],
          ['`get` of a known key, above a `Map`', `${ns.toFixed(0)} ns`],
        ],
      ),
      `With \`max\` ${MAX.toLocaleString('en')}, keys that come one after the other, each with a call:`,
      table(['keys so far', 'accounts kept', 'MiB of heap', 'timers', 'sockets'], bound),
    ].join('\n\n');
  } finally {
    team.stop();
  }
}

const TEXT =
  'Heap after garbage collection, for each of a thousand accounts of `DokStampAccounts`; the median of nine measures of `get`.';

async function started(baseURL, max) {
  const child = new Child(MANY, [], ['--expose-gc']);
  await child.call('create', { baseURL, max });
  return child;
}

async function heapOfOne(baseURL, depth) {
  const child = await started(baseURL, MAX + WARM);
  await child.call('visit', { from: 0, to: WARM, depth });
  const before = await child.call('held');
  await child.call('visit', { from: WARM, to: WARM + MAX, depth });
  const after = await child.call('held');
  child.stop();
  return ((after.heap - before.heap) / MAX / 1024).toFixed(1);
}

async function overTime(baseURL, keys) {
  const child = await started(baseURL, MAX);
  const rows = [];
  let from = 0;
  for (const to of [MAX, keys / 10, keys].filter((mark) => mark >= MAX)) {
    for (; from < to; from += STEP) {
      await child.call('visit', { from, to: Math.min(to, from + STEP), depth: 'sent' });
      progress(`accounts at run time: ${Math.min(to, from + STEP).toLocaleString('en')} keys`);
    }
    from = to;
    const { accounts: kept, heap, timers, sockets } = await child.call('held');
    rows.push([to.toLocaleString('en'), kept, (heap / 2 ** 20).toFixed(1), timers, sockets]);
  }
  const ns = await child.call('get');
  child.stop();
  return [rows, ns];
}
