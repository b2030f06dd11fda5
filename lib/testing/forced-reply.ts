import { STATUS_CODES } from 'node:http';
import { json, type Reply } from './replies.js';
import type { SandboxFault } from './sandbox.interface.js';

const MESSAGES: Record<number, string> = {
  401: 'Unauthenticated.',
  404: 'Resource not found.',
  429: 'Too Many Attempts.',
};

/**
 * The answer that a fault asks for; `unauthorized` is the body of a 401 that names none.
 * @throws {TypeError} for what could not be sent
 */
export function forcedReply(fault: SandboxFault, unauthorized?: object): Reply {
  const { status, body, retryAfter } = fault;
  if (retryAfter !== undefined && !isRetryAfter(retryAfter)) {
    throw new TypeError('fail() needs a retryAfter of 0 or more, or a string of printable ASCII.');
  }
  const headers = retryAfter === undefined ? undefined : { 'Retry-After': String(retryAfter) };
  if (typeof body === 'string') {
    return { status, contentType: 'text/html; charset=UTF-8', body, headers };
  }
  if (!isJson(body ?? {})) {
    throw new TypeError('fail() needs a body that is a string, or an object that JSON can hold.');
  }
  return json(status, body ?? defaultBody(status, unauthorized), headers);
}

// Text that is neither digits nor a date is let through, so that a test can see what a client makes of it.
function isRetryAfter(value: unknown): boolean {
  if (typeof value === 'number') return value >= 0 && value < Infinity;
  return typeof value === 'string' && /^[ -~]*$/.test(value);
}

function isJson(body: unknown): boolean {
  try {
    return typeof body === 'object' && typeof JSON.stringify(body) === 'string';
  } catch {
    return false;
  }
}

function defaultBody(status: number, unauthorized?: object): object {
  if (status === 401 && unauthorized) return unauthorized;
  const message = status >= 500 ? 'Server Error' : (MESSAGES[status] ?? STATUS_CODES[status] ?? '');
  return { success: false, message };
}
