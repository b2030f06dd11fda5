// Counts the pending timers, unref'ed ones too. Import it before the code that starts them.
const { setTimeout: start, clearTimeout: stop } = globalThis;
const ids = new WeakMap();
const live = new Set();
let last = 0;

globalThis.setTimeout = Object.assign((call, ...rest) => {
  const id = ++last;
  const handle = start(
    (...args) => {
      live.delete(id);
      call(...args);
    },
    ...rest,
  );
  ids.set(handle, id);
  live.add(id);
  return handle;
}, start);

globalThis.clearTimeout = (handle) => {
  if (typeof handle === 'object' && handle !== null) live.delete(ids.get(handle));
  stop(handle);
};

/** The number of pending timers. */
export const liveTimers = () => live.size;
