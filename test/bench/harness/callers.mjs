import { setImmediate } from 'node:timers/promises';

// Between looks at the clock.
const BATCH = 50;

/** Keeps `count` callers busy while `goOn()`, and tells how many calls they have made. */
export async function callers(count, goOn, call) {
  let made = 0;
  const caller = async () => {
    do {
      for (let i = 0; i < BATCH; i++) await call();
      made += BATCH;
      await setImmediate();
    } while (goOn());
  };
  await Promise.all(Array.from({ length: count }, caller));
  return made;
}
