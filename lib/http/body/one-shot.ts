import { Readable } from 'node:stream';
import { bodyNotReplayable } from '../../errors/body-not-replayable.js';

// Streams that a request has been sent with.
const spent = new WeakSet<object>();

// One stream for each source: a second one would find nothing left.
const streamOf = new WeakMap<object, Readable>();

/**
 * Whether sending this body uses it up: streams, async iterables, `form-data`. Text, bytes, `URLSearchParams`,
 * `FormData` and `Blob` can be sent any number of times.
 */
export function isOneShot(data: unknown): data is object {
  if (typeof data !== 'object' || data === null) return false;
  if (data instanceof Blob || ArrayBuffer.isView(data)) return false;
  return (
    'pipe' in data || 'getReader' in data || Symbol.asyncIterator in data || 'getHeaders' in data
  );
}

/** Whether plain data has a one-shot body somewhere in it, as `postForm` takes it for a file. */
export function holdsOneShot(data: unknown): boolean {
  const met = new Set<unknown>([data]);
  // What is added on the way is gone through as well.
  for (const value of met) {
    if (isOneShot(value)) return true;
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue;
    for (const member of Object.values(value)) met.add(member);
  }
  return false;
}

/** Web streams and async iterables as a Node stream, which axios sends; it would make `{}` of them. */
export function asSendable(data: unknown): unknown {
  if (!isOneShot(data) || 'pipe' in data || !(Symbol.asyncIterator in data)) return data;
  const known = streamOf.get(data);
  if (known) return known;
  const stream = Readable.from(data as AsyncIterable<unknown>, { objectMode: false });
  streamOf.set(data, stream);
  return stream;
}

/**
 * To be called for each send, so that no request goes out with what another has left of a stream.
 * @throws {DokStampError} `body_not_replayable`
 */
export function useUp(data: unknown): void {
  if (!isOneShot(data)) return;
  if (spent.has(data)) throw bodyNotReplayable();
  spent.add(data);
}

/** Stands in for a spent stream in an error's config: a request that is sent again with it fails instead of sending nothing. */
export function spentBody(): Readable {
  const stream = new Readable({
    read() {
      this.destroy(bodyNotReplayable());
    },
  });
  spent.add(stream);
  return stream;
}
