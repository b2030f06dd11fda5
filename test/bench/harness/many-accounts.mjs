import { liveTimers } from '../../support/scripts/live-timers.mjs';
import { answerCalls } from './answer-calls.mjs';

// A process with clients for many keys, made in the way that its argument names.
const LOOPS = 20_000;
const ROUNDS = 9;
let way;

answerCalls({
  async create(settings) {
    const { start } = await import(`../accounts/${process.argv[2]}.mjs`);
    way = await start(settings);
  },

  /** Clients for the keys of these numbers, in turn. @param depth how far each goes: `made`, `token` or `sent` */
  async visit({ from, to, depth }) {
    for (let key = from; key < to; key++) {
      const client = await way.get(`key-${key}`);
      if (depth === 'token') await way.token(client);
      if (depth === 'sent') await way.send(client);
    }
  },

  /** Calls for these keys, all at once. */
  async calls({ keys, each }) {
    const call = async (n) => way.send(await way.get(`key-${n % keys}`));
    await Promise.all(Array.from({ length: keys * each }, (_, n) => call(n)));
  },

  /** What this process holds now. */
  async held() {
    for (let turn = 0; turn < 3; turn++) {
      globalThis.gc();
      await new Promise((done) => setTimeout(done, 20));
    }
    const sockets = process
      .getActiveResourcesInfo()
      .filter((resource) => resource === 'TCPSocketWrap').length;
    const { heapUsed: heap } = process.memoryUsage();
    return { kept: way.kept(), heap, timers: liveTimers(), sockets };
  },

  /** ns for a `get` of a known key above one of a `Map`, both awaited. */
  async get() {
    const keys = Array.from({ length: 1_000 }, (_, key) => `key-${key}`);
    const map = new Map(keys.map((key) => [key, Promise.resolve(key)]));
    const time = async (ask) => {
      const start = performance.now();
      for (let loop = 0; loop < LOOPS; loop++) await ask(keys[loop % keys.length]);
      return ((performance.now() - start) / LOOPS) * 1e6;
    };
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const ofMap = await time((key) => map.get(key));
      rounds.push((await time((key) => way.get(key))) - ofMap);
    }
    return rounds.toSorted((one, other) => one - other)[(ROUNDS - 1) / 2];
  },
});
