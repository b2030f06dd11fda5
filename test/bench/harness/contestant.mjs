import { setImmediate } from 'node:timers/promises';
import { moduleOf } from '../contestants/index.mjs';
import { answerCalls } from './answer-calls.mjs';
import { callers } from './callers.mjs';
import { load } from './load.mjs';
import { upload } from './upload.mjs';

// A contestant's process.
const PATH = '/certificates';
let calls;

answerCalls({
  async create(account) {
    const { create } = await import(moduleOf(process.argv[2]));
    calls = await create(account);
  },

  /** So many calls at once: how long until the last is answered, and how many have failed. */
  async volley({ count }) {
    const start = performance.now();
    const all = Array.from({ length: count }, () => calls.get(PATH));
    const failed = (await Promise.allSettled(all)).filter(({ reason }) => reason).length;
    return { ms: performance.now() - start, failed };
  },

  /** Callers who look at the clock: see `load()`. */
  load: (settings) => load(settings, () => calls.get(PATH)),

  /** One upload of a stream: see `upload()`. */
  upload: (settings) => upload(calls, settings),

  /** One call to this URL; whether it failed does not matter. */
  async visit({ url }) {
    await calls.get(url).catch(() => {});
  },

  /** CPU per call in µs under this load. */
  async cpu(load) {
    const before = process.cpuUsage();
    const made = await callers(load, () => calls.get(PATH));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / made;
  },

  /** CPU per call in µs of so many calls, by so many callers. */
  async cpuOf({ calls: count, callers: crowd }) {
    let left = count;
    const before = process.cpuUsage();
    const caller = async () => {
      while (left-- > 0) await calls.get(PATH);
    };
    await Promise.all(Array.from({ length: crowd }, caller));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  },

  /** Bytes allocated per call; undefined when a garbage collection came in between. Needs `--expose-gc`. */
  async bytes({ count }) {
    globalThis.gc();
    await setImmediate();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < count; i++) await calls.get(PATH);
    const bytes = (process.memoryUsage().heapUsed - before) / count;
    return bytes > 0 ? bytes : undefined;
  },
});
