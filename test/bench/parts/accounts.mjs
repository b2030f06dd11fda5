import { Child } from '../harness/child.mjs';
import { table } from '../harness/markdown.mjs';
import { progress } from '../harness/progress.mjs';
import { Team } from '../harness/team.mjs';

const MANY = new URL('../harness/many-accounts.mjs', import.meta.url).pathname;
const WAYS = {
  dokstamp: '`DokStampAccounts`',
  map: 'a `Map` of axios instances',
  'module-ref': '`ModuleRef.create` for each key',
  'request-scope': 'a request-scoped provider',
};
const MAX = 1_000;
// Code that is compiled on the way is not of one account.
const WARM = 100;
const FULL = 100_000;
const QUICK = 5_000;
const STEP = 5_000;
const CALLS = { keys: 100, each: 10 };
const HELD = {
  made: 'without a token',
  token: 'that holds a token',
  sent: 'that has sent a request',
};

/** Accounts at run time: what one takes, that nothing grows with the number of keys over time, and other ways. */
export async function accounts({ quick }) {
  const team = new Team();
  try {
    const { baseURL } = await team.account();
    const each = [];
    for (const depth of Object.keys(HELD)) {
      each.push([HELD[depth], kib(await heapOfOne('dokstamp', baseURL, depth))]);
    }
    progress('accounts at run time: heap of one');
    return [
      `## Accounts at run time\n\n${TEXT}`,
      table(['an account', 'KiB of heap'], each),
      BOUND,
      table(
        ['keys so far', 'accounts kept', 'MiB of heap', 'timers', 'sockets'],
        await overTime(baseURL, quick ? QUICK : FULL),
      ),
      OTHERS,
      table(
        ['', 'KiB for each', 'µs for a known key', 'token requests', `kept after ${OTHERS_KEYS}`],
        await otherWays(team),
      ),
    ].join('\n\n');
  } finally {
    team.stop();
  }
}

const OTHERS_KEYS = '5,000 keys';
const TEXT =
  'Heap after garbage collection, for each of a thousand accounts of `DokStampAccounts`.';
const BOUND = `With \`max\` ${MAX.toLocaleString('en')}, keys that come one after the other, each with a call:`;
const OTHERS = `Beside other ways to have a client for each key, each with the documented snippet: the heap of one that
has sent a request; the time of an awaited \`get\` of a known key above that of a \`Map\`, the median of nine measures;
the token requests of ${CALLS.keys * CALLS.each} calls for ${CALLS.keys} keys that come at once; and what is held after
${OTHERS_KEYS} (\`max\` ${MAX.toLocaleString('en')}).`;

const kib = (bytes) => (bytes / 1024).toFixed(1);
const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);

async function started(way, settings) {
  const child = new Child(MANY, [way], ['--expose-gc']);
  await child.call('create', settings);
  return child;
}

async function heapOfOne(way, baseURL, depth) {
  const child = await started(way, { baseURL, max: MAX + WARM });
  await child.call('visit', { from: 0, to: WARM, depth });
  const before = await child.call('held');
  await child.call('visit', { from: WARM, to: WARM + MAX, depth });
  const after = await child.call('held');
  child.stop();
  return (after.heap - before.heap) / MAX;
}

async function overTime(baseURL, keys) {
  const child = await started('dokstamp', { baseURL, max: MAX });
  const rows = [];
  let from = 0;
  for (const to of [MAX, keys / 10, keys].filter((mark) => mark >= MAX)) {
    for (; from < to; from += STEP) {
      await child.call('visit', { from, to: Math.min(to, from + STEP), depth: 'sent' });
      progress(`accounts at run time: ${Math.min(to, from + STEP).toLocaleString('en')} keys`);
    }
    from = to;
    const { kept, heap, timers, sockets } = await child.call('held');
    rows.push([to.toLocaleString('en'), kept, mib(heap), timers, sockets]);
  }
  child.stop();
  return rows;
}

async function otherWays(team) {
  const rows = [];
  for (const [way, name] of Object.entries(WAYS)) {
    progress(`accounts at run time: ${name}`);
    const account = await team.account();
    const child = await started(way, { baseURL: account.baseURL, max: MAX });
    await child.call('calls', CALLS);
    const { tokenRequests } = await account.counts();
    await child.call('visit', { from: 0, to: MAX, depth: 'sent' });
    const us = (await child.call('get')) / 1_000;
    await child.call('visit', { from: MAX, to: QUICK, depth: 'sent' });
    const { kept, heap } = await child.call('held');
    child.stop();
    const one = await heapOfOne(way, account.baseURL, 'sent');
    await account.close();
    rows.push([name, kib(one), us.toFixed(2), tokenRequests, `${kept}, ${mib(heap)} MiB`]);
  }
  return rows;
}
