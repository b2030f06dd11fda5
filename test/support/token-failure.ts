import type { DokStampError } from '../../lib/index.js';
import { rejectionOf } from './stub-account.js';
import type { Answer } from './stub-server.js';
import { idle } from './time.js';

/** Waits for a call without moving time. Without jitter the pauses between attempts take no time. */
export async function withoutTime<T>(call: Promise<T>): Promise<T> {
  const done = new AbortController();
  const end = () => done.abort();
  call.then(end, end);
  while (!done.signal.aborted) await idle();
  return call;
}

/** The error that a call rejects with, without moving time. */
export function failureOf(call: Promise<unknown>): Promise<DokStampError> {
  return rejectionOf<DokStampError>(withoutTime(call));
}

/** A token endpoint that answers each request like this. */
export function answering(
  status: number,
  body: string | object = '',
  headers: Record<string, string> = {},
): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (_, response) => response.writeHead(status, headers).end(text);
}
