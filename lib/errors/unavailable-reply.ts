import { HttpStatus, type HttpServer } from '@nestjs/common';
import type { DokStampError } from './dokstamp.error.js';

interface NodeResponse {
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  end(): unknown;
}

/**
 * Answers 503 with `Retry-After`, where `retryAt` is known, and a body that names the code alone. Of an answer that
 * has begun only the end is left, as in Nest's own filter.
 */
export function replyUnavailable(
  adapter: HttpServer,
  response: unknown,
  { code, retryAt }: DokStampError,
): void {
  // On Nest 11 the adapter of Fastify fails at Node's own response, which its middleware have, and does not see that
  // Node has sent the headers of a reply.
  const native = [response, rawOf(response)].find(isNodeResponse);
  if (native?.headersSent || adapter.isHeadersSent(response)) {
    if (native) native.end();
    else adapter.end(response);
    return;
  }
  const set = (name: string, value: string) =>
    native === response ? native?.setHeader(name, value) : adapter.setHeader(response, name, value);
  // The route may have named another type, with which Fastify would refuse this body.
  set('Content-Type', 'application/json; charset=utf-8');
  if (retryAt) set('Retry-After', secondsUntil(retryAt));
  adapter.reply(response, { code }, HttpStatus.SERVICE_UNAVAILABLE);
}

/** Whole seconds, never early: at least 1, as 0 would invite the next call at once. */
function secondsUntil(date: Date): string {
  return String(Math.max(1, Math.ceil((date.getTime() - Date.now()) / 1_000)));
}

/** What a Fastify reply wraps. */
function rawOf(response: unknown): unknown {
  return typeof response === 'object' && response !== null && 'raw' in response
    ? response.raw
    : undefined;
}

function isNodeResponse(value: unknown): value is NodeResponse {
  return (
    typeof value === 'object' && value !== null && 'headersSent' in value && 'setHeader' in value
  );
}
