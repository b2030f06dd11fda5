interface Listening {
  readonly calls: Set<() => void>;
  readonly listener: () => void;
}

const listeningTo = new WeakMap<AbortSignal, Listening>();

/**
 * Calls back when the signal is aborted, at once if it is. However many listen here, they are one listener to the
 * signal: Node.js warns of a leak from the eleventh on.
 * @returns stops listening
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  if (signal.aborted) {
    call();
    return () => {};
  }
  const { calls, listener } = listeningTo.get(signal) ?? listenTo(signal);
  calls.add(call);
  return () => {
    if (!calls.delete(call) || calls.size > 0) return;
    listeningTo.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}

function listenTo(signal: AbortSignal): Listening {
  const calls = new Set<() => void>();
  const listening = { calls, listener: () => calls.forEach((call) => call()) };
  listeningTo.set(signal, listening);
  signal.addEventListener('abort', listening.listener);
  return listening;
}

/** The result of `work`, or `reason()` if the signal comes first; for work that does not listen to it itself. */
export function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  reason: () => unknown,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = onAbort(signal, () => reject(reason()));
    work.then(resolve, reject).finally(stop);
  });
}
