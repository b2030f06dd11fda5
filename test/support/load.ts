import { setImmediate } from 'node:timers/promises';

/** Callers that repeat a call until they are stopped. */
export interface Load extends AsyncDisposable {
  stop(): Promise<{ calls: number; failures: unknown[] }>;
}

/** Starts so many callers. `stop()` waits for the last call of each, and returns the number of calls and the failures. */
export function load(call: () => Promise<unknown>, callers = 32): Load {
  let calls = 0;
  const stopping = new AbortController();
  const failures: unknown[] = [];
  const caller = async () => {
    while (!stopping.signal.aborted) {
      calls++;
      await call().catch((error: unknown) => failures.push(error));
      await setImmediate();
    }
  };
  const all = Array.from({ length: callers }, caller);
  const stop = async () => {
    stopping.abort();
    await Promise.all(all);
    return { calls, failures };
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}
