import { setImmediate } from 'node:timers/promises';

/**
 * Keeps `count` callers busy for `ms`, and tells how many calls they have made. A call that never leaves the process
 * lets no timer run, so after each `batch` of them comes a pause.
 */
export async function callers({ count, ms, batch }, call) {
  const end = performance.now() + ms;
  let made = 0;
  const caller = async () => {
    do {
      for (let i = 0; i < batch; i++) await call();
      made += batch;
      await setImmediate();
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: count }, caller));
  return made;
}
