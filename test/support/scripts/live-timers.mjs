// Counts the timers that are pending, also those that keep no process alive. To be imported before what makes them.
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

/** How many there are now. */
export const liveTimers = () => live.size;
