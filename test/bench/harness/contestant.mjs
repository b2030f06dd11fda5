import { setImmediate } from 'node:timers/promises';
import { moduleOf } from '../contestants/index.mjs';
import { answerCalls } from './answer-calls.mjs';
import { callers } from './callers.mjs';

// A contestant's process.
const PATH = '/certificates';
let calls;

answerCalls({
  async create(account) {
    const { create } = await import(moduleOf(process.argv[2]));
    calls = await create(account);
  },

  /** CPU per call in µs, with this many callers at once, over at least `ms`. */
  async cpu({ ms, callers: count }) {
    const end = performance.now() + ms;
    const before = process.cpuUsage();
    const made = await callers(count, () => performance.now() < end, () => calls.get(PATH));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / made;
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
