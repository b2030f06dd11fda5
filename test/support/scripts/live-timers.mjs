// Counts the timers that are pending, also those that keep no process alive. To be imported before what makes them.
const handles = new Set();
const original = globalThis.setTimeout;

globalThis.setTimeout = Object.assign((...args) => {
  const handle = original(...args);
  handles.add(new WeakRef(handle));
  return handle;
}, original);

export function liveTimers() {
  let live = 0;
  for (const ref of handles) {
    const handle = ref.deref();
    if (handle && !handle._destroyed) live++;
    else handles.delete(ref);
  }
  return live;
}
