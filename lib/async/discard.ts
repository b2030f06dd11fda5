/** Destroys a stream or request that is no longer used. Later errors on it are ignored. */
export function discard(stream: unknown): void {
  if (typeof stream !== 'object' || stream === null) return;
  const closable: { on?: unknown; destroy?: unknown } = stream;
  if (typeof closable.on !== 'function' || typeof closable.destroy !== 'function') return;
  closable.on('error', () => {});
  closable.destroy();
}
