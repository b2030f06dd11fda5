import { errorMonitor } from 'node:events';
import { PassThrough, Readable, pipeline } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import type { AxiosConfig } from '../../axios/axios.types.js';

/** Gives an error without secrets. */
export type Redact = (error: unknown) => unknown;

type AnswerStream = Readable | ReadableStream<unknown>;

/** Whether an answer is streamed, by Node.js or by fetch. */
export function isStream(data: unknown): data is AnswerStream {
  return data instanceof Readable || data instanceof ReadableStream;
}

/** The stream, whose failure comes without secrets. */
export function withRedactedFailure(
  stream: AnswerStream,
  config: AxiosConfig | undefined,
  redact: Redact,
): AnswerStream {
  if (stream instanceof Readable) {
    // Unlike an 'error' listener, this one does not count as handling the error.
    return stream.on(errorMonitor, redact);
  }
  // Only the one by which axios counts what comes fails with the request; the answer's own stays a stream of bytes.
  const counts = Number(config?.maxContentLength) > -1;
  return counts && !stream.locked ? withFailure(stream, redact) : stream;
}

/** What can be read of the stream, without the way to its socket, and so to the headers of the request. */
export function withoutSocket(
  stream: AnswerStream,
  config: AxiosConfig | undefined,
  redact: Redact,
): AnswerStream {
  const watched = withRedactedFailure(stream, config, redact);
  if (!(watched instanceof Readable)) return watched;
  const copy = new PassThrough();
  pipeline(watched, copy, () => {});
  return copy;
}

function withFailure(stream: ReadableStream<unknown>, redact: Redact): ReadableStream<unknown> {
  const reader = stream.getReader();
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(redact(error));
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
