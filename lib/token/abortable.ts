/** The result of `work`, or the signal's reason if that comes first; for work that does not listen to the signal itself. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const aborted = () => reject(signal.reason as Error);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted);
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
