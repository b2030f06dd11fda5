import { setTimeout } from 'node:timers/promises';
import { Child } from '../harness/child.mjs';
import { lanes } from '../harness/lanes.mjs';
import { table } from '../harness/markdown.mjs';
import { progress } from '../harness/progress.mjs';
import { spread } from '../harness/stats.mjs';
import { Team } from '../harness/team.mjs';

const BOOT = new URL('../harness/boot.mjs', import.meta.url).pathname;
const PAIR = { clientId: 'bench', clientSecret: 'bench-secret', tenant: 'my-university' };
const QUICK = { rounds: 1, many: 200, lanes: 2 };
const FULL = { rounds: 3, many: 1_000, lanes: 1 };

const appsOf = (many, told = many.toLocaleString('en')) => ({
  empty: { label: 'an app with nothing in it', kind: 'empty' },
  http: { label: '`HttpModule`', kind: 'http-module' },
  one: { label: '`DokStampModule`', kind: 'accounts', count: 1 },
  httpMany: { label: `${told} × \`HttpModule\``, kind: 'http-modules', count: many },
  lazy: { label: `${told} accounts without a token`, kind: 'accounts', count: many },
  many: {
    label: `${told} accounts that hold a token`,
    kind: 'accounts',
    count: many,
    tokens: true,
  },
  used: { label: 'the same, each has sent a request', kind: 'accounts', count: many, sent: true },
});

/** What the module adds to an app: boot time, and heap for each account. */
export async function boot({ quick }) {
  const { rounds, many, lanes: count } = quick ? QUICK : FULL;
  const apps = appsOf(many);
  const found = new Map(Object.keys(apps).map((key) => [key, []]));
  for (let round = 1; round <= rounds; round++) {
    await lanes(count, Object.keys(apps), async (key) => {
      found.get(key).push(await measure(apps[key]));
    });
    progress(`boot and heap: round ${round}/${rounds}`);
  }
  const rows = Object.entries(apps).map(([key, { label, count }]) => [
    label,
    spread(found.get(key).map(({ ms }, round) => ms / found.get('empty')[round].ms)),
    count === many ? spread(heapEach(found, key, many), 1) : '–',
  ]);
  return `## In an app\n\n${TEXT}\n\n${table(['', 'boot time', 'KiB of heap each'], rows)}`;
}

const TEXT =
  'Boot time from the first import on, over that of a Nest app with nothing in it; heap after garbage collection, ' +
  'above that of an app with one of its kind, code that was compiled on the way included.';

function heapEach(found, key, many) {
  const single = found.get(key === 'httpMany' ? 'http' : 'one');
  return found.get(key).map(({ heap }, round) => (heap - single[round].heap) / (many - 1) / 1024);
}

async function measure({ kind, count, sent = false, tokens = sent }) {
  const team = new Team();
  const account = await team.account();
  const child = new Child(BOOT, [kind], ['--expose-gc']);
  const startup = tokens ? 'background' : 'lazy';
  const settings = { baseURL: account.baseURL, ...PAIR, count, startup };
  const ms = await child.call('create', kind === 'accounts' ? settings : { count });
  if (tokens) await tokensIssued(account, count);
  if (sent) await child.call('send', { count });
  // With it go the connections, so that they are not counted.
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
