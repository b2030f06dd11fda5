/** Closes a stream or a request that nobody goes on with, if it is one; what it says after that is no uncaught error. */
export function discard(stream: unknown): void {
  if (typeof stream !== 'object' || stream === null) return;
  const closable: { on?: unknown; destroy?: unknown } = stream;
  if (typeof closable.on !== 'function' || typeof closable.destroy !== 'function') return;
  closable.on('error', () => {});
  closable.destroy();
}
