import { STATUS_CODES } from 'node:http';
import { json, type Reply } from './replies.js';
import type { SandboxFault } from './sandbox.interface.js';

const MESSAGES: Record<number, string> = {
  401: 'Unauthenticated.',
  404: 'Resource not found.',
  429: 'Too Many Attempts.',
};

/** The answer that a fault asks for; `unauthorized` is the body of a 401 that names none. */
export function forcedReply(fault: SandboxFault, unauthorized?: object): Reply {
  const { status, retryAfter } = fault;
  const headers = retryAfter === undefined ? undefined : { 'Retry-After': String(retryAfter) };
  if (typeof fault.body === 'string') {
    return { status, contentType: 'text/html; charset=UTF-8', body: fault.body, headers };
  }
  return json(status, fault.body ?? defaultBody(status, unauthorized), headers);
}

function defaultBody(status: number, unauthorized?: object): object {
  if (status === 401 && unauthorized) return unauthorized;
  const message = status >= 500 ? 'Server Error' : (MESSAGES[status] ?? STATUS_CODES[status] ?? '');
  return { success: false, message };
}
