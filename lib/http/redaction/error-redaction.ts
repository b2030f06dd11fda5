import { isAxiosError } from '../../axios/host-axios.js';
import type { AxiosError } from '../../axios/axios.types.js';
import { isDokStampError } from '../../errors/dokstamp.error.js';
import { maskValue } from '../../redaction/mask-value.js';
import type { SecretMask } from '../../redaction/secret-mask.js';
import { ask } from '../../redaction/shown-fields.js';
import { redactConfig } from './config-redaction.js';
import { summaryOf } from './request-summary.js';
import { redactResponse } from './response-redaction.js';
import { rewritten } from './rewritten.js';

/**
 * The same error without token or secret in any of its parts. An `AxiosError` stays one: what the app reads of it
 * stays, what leads to the socket (`request`, a stream) is replaced, and the config can be sent again.
 */
export function redactError(error: unknown, mask: SecretMask): unknown {
  const settled = new Set<unknown>();
  for (const link of causesOf(error)) {
    if (isAxiosError(link) || '__CANCEL__' in link) redactParts(link, mask, settled);
  }
  const masked = maskValue(error, mask, settled);
  return isErrorLike(error) && isErrorLike(masked) ? rewritten(error, masked) : masked;
}

function causesOf(error: unknown): Set<Error> {
  const causes = new Set<Error>();
  let next = error;
  while (isErrorLike(next) && !causes.has(next)) {
    causes.add(next);
    const link = next;
    next = ask(() => link.cause);
  }
  return causes;
}

// By its shape, since in a Jest test the errors of Node.js are of another realm's class.
function isErrorLike(error: unknown): error is Error {
  if (typeof error !== 'object' || error === null) return false;
  return ask(() => 'message' in error && 'stack' in error) === true;
}

/** Adds to `settled` what has been seen to, and what is not to be looked into. */
function redactParts(error: AxiosError, mask: SecretMask, settled: Set<unknown>): void {
  const { config, request, response, cause } = error;
  // Its toJSON() goes through the whole config.
  settled.add(Reflect.getPrototypeOf(error));
  const put = (key: keyof AxiosError, part: object): void => {
    if (redefine(error, key, part)) settled.add(part);
  };
  if (config) put('config', redactConfig(config, mask));
  if (request) put('request', summaryOf(request, mask));
  if (response) {
    const redact = (failure: unknown): unknown => redactError(failure, mask);
    const own = response.config;
    const sent = own === config || !own ? error.config : redactConfig(own, mask);
    put('response', redactResponse(response, sent, mask, redact));
  }
  if (isErrorLike(cause) && !isAxiosError(cause) && !isDokStampError(cause)) {
    redefine(error, 'cause', systemError(cause));
  }
}

function redefine(error: AxiosError, key: keyof AxiosError, value: unknown): boolean {
  if (error[key] === value) return true;
  const { enumerable = false } = Reflect.getOwnPropertyDescriptor(error, key) ?? {};
  return Reflect.defineProperty(error, key, {
    value,
    enumerable,
    writable: true,
    configurable: true,
  });
}

// Errors below an AxiosError are the system's or a parser's: they may hold the socket.
function systemError(cause: Error): Error {
  const copy = new Error(cause.message);
  for (const key of ['code', 'errno', 'syscall', 'address', 'port'] as const) {
    const value: unknown = Reflect.get(cause, key);
    if (value !== undefined) Object.assign(copy, { [key]: value });
  }
  copy.name = cause.name;
  copy.stack = cause.stack ?? '';
  return copy;
}
