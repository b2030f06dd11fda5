import type { Readable } from 'node:stream';
import { onAbort } from './abort.js';

/** As much of an answer's body as was read. */
export interface BoundedBody {
  readonly text: string;
  /** Why the text is not all of it. */
  readonly flaw?: 'too long' | Error;
}

/** Reads a body to its end, to `mostBytes`, or until the signal. Never throws. */
export async function readBody(
  stream: Readable,
  mostBytes: number,
  signal: AbortSignal,
): Promise<BoundedBody> {
  const chunks: Buffer[] = [];
  const text = () => new TextDecoder().decode(Buffer.concat(chunks));
  const stopListening = onAbort(signal, () => stream.destroy());
  // What the connection says after it was let go is nobody's uncaught error.
  stream.on('error', () => {});
  try {
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > mostBytes) return { text: '', flaw: 'too long' };
      chunks.push(chunk);
    }
    return { text: text() };
  } catch (error) {
    return { text: text(), flaw: error as Error };
  } finally {
    stopListening();
  }
}
