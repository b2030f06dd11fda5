import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { AxiosResponse } from '../../axios/axios.types.js';
import { timeLimit } from '../../async/abort.js';
import { type BoundedBody, readBody } from '../../async/bounded-body.js';

const KEPT_BYTES = 1024 * 1024;
const PATIENCE_MS = 100;

/**
 * Takes the body of a streamed 401 off its connection: what comes within 100 ms, to 1 MiB, is kept for the case that
 * the 401 is final. Where it stayed, it would hold the socket that the token request or the replay waits for, and what
 * it raised would be an uncaught error.
 * @param signal ends the reading
 */
export async function detachBody(answer: AxiosResponse, signal: AbortSignal): Promise<void> {
  const data: unknown = answer.data;
  const isWeb = isWebStream(data);
  if (!isWeb && !(data instanceof Readable)) return;
  const limit = timeLimit(PATIENCE_MS, signal);
  const stream = isWeb ? Readable.fromWeb(data) : data;
  const copy = Readable.from(copyOf(await readBody(stream, KEPT_BYTES, limit.signal)), {
    objectMode: false,
  });
  limit.end();
  answer.data = isWeb ? Readable.toWeb(copy) : copy;
}

// Its reader is told that it is not whole.
function* copyOf({ bytes, flaw }: BoundedBody): Generator<Buffer> {
  if (bytes.length > 0) yield bytes;
  if (flaw === 'too long')
    throw new Error('The body of this 401 is longer than the 1 MiB of it that is kept.');
  if (flaw) throw flaw;
}

function isWebStream(data: unknown): data is ReadableStream {
  return typeof data === 'object' && data !== null && 'getReader' in data;
}
