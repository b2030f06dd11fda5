import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose_gc');
const gc = runInNewContext('gc') as () => void;

/** Collects garbage. Weak references keep their objects until the current turn of the event loop ends. */
export async function collectGarbage(): Promise<void> {
  await setImmediate();
  gc();
  await setImmediate();
}
