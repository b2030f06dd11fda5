import { setTimeout } from 'node:timers/promises';
import { percentile } from './stats.mjs';

/**
 * Keeps `callers` callers busy for `ms` and tells how the calls went: how many, how many failed, how many took longer
 * than `waitingFrom` ms, and p99.9 ÷ p50 of those that succeeded. After a failure a caller pauses.
 */
export async function load({ ms, callers = 64, waitingFrom = Infinity }, call) {
  const end = performance.now() + ms;
  const durations = [];
  let failed = 0;
  const caller = async () => {
    while (performance.now() < end) {
      const start = performance.now();
      try {
        await call();
        durations.push(performance.now() - start);
      } catch {
        failed++;
        await setTimeout(PAUSE_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return {
    calls: durations.length + failed,
    failed,
    waiting: durations.filter((duration) => duration > waitingFrom).length,
    tail: percentile(durations, 0.999) / percentile(durations, 0.5),
  };
}

const PAUSE_MS = 100;
