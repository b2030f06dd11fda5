import type { AxiosError } from '../../axios/axios.types.js';
import { isDokStampError } from '../../errors/dokstamp.error.js';
import type { SecretMask } from '../../redaction/secret-mask.js';
import { redactConfig } from './config-redaction.js';
import { hostAxios, isAxiosError } from '../../axios/host-axios.js';
import { redactResponse } from './response-redaction.js';
import { summaryOf } from './request-summary.js';

/**
 * The same error without token or secret in any of its parts. An `AxiosError` stays one: what the app reads of it
 * stays, what leads to the socket (`request`, a stream) is replaced, and the config can be sent again.
 */
export function redactError(error: unknown, mask: SecretMask, seen = new Set<unknown>()): unknown {
  if (!isErrorLike(error) || seen.has(error)) return error;
  seen.add(error);
  if (isAxiosError(error) || '__CANCEL__' in error) return redactAxiosError(error, mask, seen);
  // The words of a DokStampError are this package's own, masked where they repeat others'.
  if (!isDokStampError(error)) maskWords(error, mask);
  if (isErrorLike(error.cause)) redefine(error, 'cause', redactError(error.cause, mask, seen));
  return error;
}

// By its shape, since in a Jest test the errors of Node.js are of another realm's class.
function isErrorLike(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'message' in error && 'stack' in error;
}

function redactAxiosError(error: AxiosError, mask: SecretMask, seen: Set<unknown>): AxiosError {
  const { config, request, response, cause } = error;
  for (const sent of new Set([config, response?.config])) if (sent) redactConfig(sent, mask);
  maskWords(error, mask);
  if (request) error.request = summaryOf(request, mask);
  if (response) redactResponse(response, mask);
  if (isErrorLike(cause)) {
    const known = isAxiosError(cause) || isDokStampError(cause);
    redefine(error, 'cause', known ? redactError(cause, mask, seen) : plainCopy(cause, mask));
  }
  return withoutHiddenWords(error, mask);
}

function maskWords(error: Error, mask: SecretMask): void {
  for (const key of ['message', 'stack'] as const) {
    const words: unknown = error[key];
    if (typeof words !== 'string') continue;
    const masked = mask.text(words);
    if (masked !== words) redefine(error, key, masked);
  }
}

function redefine(error: Error, key: 'message' | 'stack' | 'cause', value: unknown): void {
  if (error[key] === value) return;
  const { enumerable = false } = Object.getOwnPropertyDescriptor(error, key) ?? {};
  Reflect.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}

// Errors below an AxiosError are the system's or a parser's: they may hold the socket, and the parser quotes what it
// could not read.
function plainCopy(cause: Error, mask: SecretMask): Error {
  const copy = new Error(mask.text(cause.message));
  for (const key of ['code', 'errno', 'syscall', 'address', 'port'] as const) {
    const value: unknown = (cause as unknown as Record<string, unknown>)[key];
    if (value !== undefined) Object.assign(copy, { [key]: value });
  }
  copy.name = cause.name;
  copy.stack = mask.text(cause.stack ?? '');
  return copy;
}

// axios keeps the cause's stack under a symbol as well, and so that it can be neither written nor deleted.
function withoutHiddenWords(error: AxiosError, mask: SecretMask): AxiosError {
  const hidden = Object.getOwnPropertySymbols(error)
    .map((symbol) => (error as unknown as Record<symbol, unknown>)[symbol])
    .filter((value) => typeof value === 'string');
  if (hidden.every((text) => mask.text(text) === text)) return error;
  const { message, code = '', config, request, response, name, stack, cause } = error;
  const copy = new hostAxios.AxiosError(message, code, config, request, response);
  Object.assign(copy, error, { name });
  redefine(copy, 'stack', stack);
  if (cause !== undefined) redefine(copy, 'cause', cause);
  return copy;
}
