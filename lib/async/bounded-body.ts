import type { Readable } from 'node:stream';
import { onAbort } from './abort.js';

/** As much of an answer's body as was read. */
export interface BoundedBody {
  readonly bytes: Buffer;
  /** Why the bytes are not all of it. */
  readonly flaw?: 'too long' | Error;
}

/** Reads a body to its end, to `mostBytes`, or until the signal, and lets go of its connection. Never throws. */
export async function readBody(
  stream: Readable,
  mostBytes: number,
  signal: AbortSignal,
): Promise<BoundedBody> {
  const chunks: Buffer[] = [];
  const stopListening = onAbort(signal, () => stream.destroy());
  // What the connection says after it was let go is nobody's uncaught error.
  stream.on('error', () => {});
  try {
    let left = mostBytes;
    for await (const chunk of stream as AsyncIterable<Buffer | string>) {
      const bytes = Buffer.from(chunk as string);
      chunks.push(bytes.subarray(0, left));
      left -= bytes.length;
      if (left < 0) return { bytes: Buffer.concat(chunks), flaw: 'too long' };
    }
    return { bytes: Buffer.concat(chunks) };
  } catch (error) {
    return { bytes: Buffer.concat(chunks), flaw: error as Error };
  } finally {
    stopListening();
  }
}
