import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { AxiosResponse } from '../../axios/axios.types.js';
import { letGo } from '../../axios/sent-request.js';
import { timeLimit } from '../../async/time-limit.js';
import { type BoundedBody, readBody } from '../../async/bounded-body.js';

const KEPT_BYTES = 1024 * 1024;
const PATIENCE_MS = 100;

/**
 * Takes a 401 off its connection, which the token request or the replay may wait for: an upload that it came before
 * ends. Of a streamed body, what comes within 100 ms, to 1 MiB, is kept for the case that the 401 is final; what it
 * raised later would be an uncaught error.
 * @param signal ends the reading
 */
export async function detach(answer: AxiosResponse, signal: AbortSignal): Promise<void> {
  await keepBody(answer, signal);
  letGo(answer);
}

async function keepBody(answer: AxiosResponse, signal: AbortSignal): Promise<void> {
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
