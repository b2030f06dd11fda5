import { setImmediate } from 'node:timers/promises';

/** Calls that go on until they are told to stop. */
export interface Load extends AsyncDisposable {
  stop(): Promise<{ calls: number; failures: unknown[] }>;
}

/** Keeps `callers` calls going at once; `stop()` waits for the last of them and tells how it went. */
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
