import { Readable } from 'node:stream';
import type { AxiosConfig } from './axios.types.js';
import { DokStampError } from '../errors/dokstamp.error.js';

/**
 * Whether a body, as axios hands it to its adapter, can be sent a second time: text, bytes, `URLSearchParams`,
 * `FormData` and `Blob`. Whatever else is read while it is sent (streams, async iterables, `form-data`).
 */
export function isReplayable(data: unknown): boolean {
  return !isReadOnce(data);
}

/** A stream of any sort: sending it uses it up. */
export function isReadOnce(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  if (data instanceof Blob || ArrayBuffer.isView(data)) return false;
  return (
    'pipe' in data || 'getReader' in data || Symbol.asyncIterator in data || 'getHeaders' in data
  );
}

/**
 * A body as axios can send it: its Node adapter refuses a web stream, and would send `{}` for an async iterable.
 */
export function asSendable(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || 'pipe' in data) return data;
  return Symbol.asyncIterator in data
    ? Readable.from(data as AsyncIterable<unknown>, { objectMode: false })
    : data;
}

/** Runs the transforms over a body or an answer, as axios does before and after its adapter. */
export function transformed(
  config: AxiosConfig,
  transforms: AxiosConfig['transformRequest'] | AxiosConfig['transformResponse'],
  data: unknown,
  status?: number,
): unknown {
  const list = transforms === undefined ? [] : [transforms].flat();
  return list.reduce<unknown>(
    (body, transform) => transform.call(config, body, config.headers, status),
    data,
  );
}

/** The caller's 401 keeps its shape; its `cause` says why the request was not sent again. */
export function bodyNotReplayable(): DokStampError {
  return new DokStampError(
    'body_not_replayable',
    'The request was refused with 401 and its stream is spent, so it was not sent again; the token is renewed. ' +
      'Send it again, or pass dokStamp.body, a function that makes the stream anew.',
    { retryable: true },
  );
}

/** Stands in for a spent stream in an error's config: whoever sends it again fails instead of sending nothing. */
export function spentBody(): Readable {
  return new Readable({
    read() {
      this.destroy(bodyNotReplayable());
    },
  });
}
