import { setTimeout } from 'node:timers/promises';
import { Child } from '../harness/child.mjs';
import { table } from '../harness/markdown.mjs';
import { progress } from '../harness/progress.mjs';
import { spread } from '../harness/stats.mjs';
import { Team } from '../harness/team.mjs';

const BOOT = new URL('../harness/boot.mjs', import.meta.url).pathname;
const PAIR = { clientId: 'bench', clientSecret: 'bench-secret', tenant: 'my-university' };
const MANY = 1_000;

const APPS = {
  empty: { label: 'an app with nothing in it', kind: 'empty' },
  http: { label: '`HttpModule`', kind: 'http-module' },
  one: { label: '`DokStampModule`', kind: 'accounts', count: 1 },
  httpMany: { label: '1,000 × `HttpModule`', kind: 'http-modules', count: MANY },
  lazy: { label: '1,000 accounts without a token', kind: 'accounts', count: MANY },
  many: { label: '1,000 accounts that hold a token', kind: 'accounts', count: MANY, tokens: true },
};

/** What the module adds to an app: boot time, and heap for each account. */
export async function boot({ quick }) {
  const found = new Map(Object.keys(APPS).map((key) => [key, []]));
  const rounds = quick ? 1 : 7;
  for (let round = 1; round <= rounds; round++) {
    for (const key of Object.keys(APPS)) found.get(key).push(await measure(APPS[key]));
    progress(`boot and heap: round ${round}/${rounds}`);
  }
  const rows = Object.entries(APPS).map(([key, { label, count }]) => [
    label,
    spread(found.get(key).map(({ ms }, round) => ms / found.get('empty')[round].ms)),
    count === MANY ? spread(heapEach(found, key), 1) : '–',
  ]);
  return `## In an app\n\n${TEXT}\n\n${table(['', 'boot time', 'KiB of heap each'], rows)}`;
}

const TEXT =
  'Boot time from the first import on, over that of a Nest app with nothing in it; heap after garbage collection, ' +
  'above that of an app with one of its kind.';

function heapEach(found, key) {
  const single = found.get(key === 'httpMany' ? 'http' : 'one');
  return found.get(key).map(({ heap }, round) => (heap - single[round].heap) / (MANY - 1) / 1024);
}

async function measure({ kind, count, tokens = false }) {
  const team = new Team();
  const account = await team.account();
  const child = new Child(BOOT, [kind], ['--expose-gc']);
  const startup = tokens ? 'background' : 'lazy';
  const settings = { baseURL: account.baseURL, ...PAIR, count, startup };
  const ms = await child.call('create', kind === 'accounts' ? settings : { count });
  if (tokens) await tokensIssued(account, count);
  // With it go the connections of the token requests, so that they are not counted.
  await account.close();
  const heap = await child.call('heap');
  child.stop();
  team.stop();
  return { ms, heap };
}

async function tokensIssued(account, count) {
  for (let issued = 0; issued < count;) {
    await setTimeout(50);
    issued = (await account.counts()).tokenRequests;
  }
  // Until the last of them are read.
  await setTimeout(500);
}
