import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { AxiosResponse } from '../../axios/axios.types.js';
import { timeLimit } from '../../async/abort.js';
import { readBody } from '../../async/bounded-body.js';

const KEPT_BYTES = 64 * 1024;
const PATIENCE_MS = 1_000;

/**
 * Takes the body of a streamed 401 off its connection: what came within a second, to 64 KiB, is kept for the case that
 * the 401 is final. Where it stayed, it would hold the socket that the token request or the replay waits for, and what
 * it raised would be nobody's.
 * @param signal ends the reading
 */
export async function detachBody(answer: AxiosResponse, signal: AbortSignal): Promise<void> {
  const data: unknown = answer.data;
  const isWeb = isWebStream(data);
  if (!isWeb && !(data instanceof Readable)) return;
  const limit = timeLimit(PATIENCE_MS, signal);
  const stream = isWeb ? Readable.fromWeb(data) : data;
  const { bytes } = await readBody(stream, KEPT_BYTES, limit.signal);
  limit.end();
  answer.data = isWeb
    ? new Response(new Uint8Array(bytes)).body
    : Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false });
}

function isWebStream(data: unknown): data is ReadableStream {
  return typeof data === 'object' && data !== null && 'getReader' in data;
}
