import type { Readable } from 'node:stream';
import { onAbort } from './abort.js';

/** As much of an answer's body as was read. */
export interface BoundedBody {
  readonly bytes: Buffer;
  /** Why the bytes are not all of it. */
  readonly flaw?: 'too long' | Error;
}

/** Reads a body to its end, to `mostBytes`, or until the signal, and lets go of its connection. Never throws. */
export function readBody(
  stream: Readable,
  mostBytes: number,
  signal: AbortSignal,
): Promise<BoundedBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let left = mostBytes;
    let stopListening: (() => void) | undefined;
    // Without waiting for the stream to say that it is closed: one that hangs may never do.
    const end = (flaw?: BoundedBody['flaw']) => {
      stopListening?.();
      stream.off('data', take);
      stream.destroy();
      const bytes = Buffer.concat(chunks);
      resolve(flaw === undefined ? { bytes } : { bytes, flaw });
    };
    const take = (chunk: Buffer | string) => {
      const bytes = Buffer.from(chunk as string);
      chunks.push(bytes.subarray(0, left));
      left -= bytes.length;
      if (left < 0) end('too long');
    };
    const cutOff = () => end(new Error('The body was cut off before its end.'));
    // Errors after the body was released are ignored.
    stream.on('error', (error: Error) => end(error));
    stream.once('end', () => end());
    stream.once('close', cutOff);
    stopListening = onAbort(signal, cutOff);
    if (stream.destroyed) cutOff();
    else stream.on('data', take);
  });
}
