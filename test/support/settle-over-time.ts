import { advance } from './time.js';

/** Moves frozen time step by step until the call settles. */
export async function settleOverTime<T>(call: Promise<T>, step = 50): Promise<T> {
  const settled = new AbortController();
  const end = () => settled.abort();
  call.then(end, end);
  while (!settled.signal.aborted) await advance(step);
  return call;
}
