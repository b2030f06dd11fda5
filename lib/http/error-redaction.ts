import { PassThrough, Readable, pipeline } from 'node:stream';
import type { AxiosError, AxiosResponse, AxiosConfig } from './axios.types.js';
import { isDokStampError } from '../errors/dokstamp.error.js';
import type { SecretMask } from '../errors/secret-mask.js';
import { isAxiosError } from './host-axios.js';
import { maskValue } from './mask-value.js';
import { isReadOnce, spentBody } from './request-body.js';
import { summaryOf } from './request-summary.js';

/**
 * The same error without token or secret in any of its parts. An `AxiosError` stays one: what the app reads of it
 * stays, what leads to the socket (`request`, a stream) is replaced, and the config can be sent again.
 */
export function redactError(error: unknown, mask: SecretMask): unknown {
  if (isDokStampError(error)) {
    if (isAxiosError(error.cause)) redactAxiosError(error.cause, mask);
    return error;
  }
  return isAxiosError(error) || isCancel(error) ? redactAxiosError(error, mask) : error;
}

function isCancel(error: unknown): error is AxiosError {
  return typeof error === 'object' && error !== null && '__CANCEL__' in error;
}

function redactAxiosError(error: AxiosError, mask: SecretMask): AxiosError {
  const { config, request, response } = error;
  error.message = mask.text(error.message);
  if (error.stack) error.stack = mask.text(error.stack);
  if (config) redactConfig(config, mask);
  if (request) error.request = summaryOf(request, mask);
  if (response) redactResponse(response, config, mask);
  if (error.cause instanceof Error && !isDokStampError(error.cause)) {
    error.cause = redactCause(error.cause, mask);
  }
  return error;
}

function redactConfig(config: AxiosConfig, mask: SecretMask): void {
  // Ours goes, so that a retry gets the token of its moment; somebody else's is what their retry needs.
  for (const [name, value] of Object.entries(config.headers ?? {})) {
    const holdsSecret = typeof value === 'string' && mask.text(value) !== value;
    if (holdsSecret) Reflect.deleteProperty(config.headers, name);
  }
  if (isReadOnce(config.data)) config.data = spentBody();
}

function redactResponse(
  response: AxiosResponse,
  config: AxiosConfig | undefined,
  mask: SecretMask,
): void {
  response.request &&= summaryOf(response.request, mask);
  if (config) response.config = config;
  response.statusText = mask.text(response.statusText ?? '');
  response.headers = maskValue(response.headers, mask) as AxiosResponse['headers'];
  response.data =
    response.data instanceof Readable ? detached(response.data) : maskValue(response.data, mask);
}

// The answer's own stream leads to its socket, and so to the request's headers.
function detached(stream: Readable): Readable {
  const copy = new PassThrough();
  pipeline(stream, copy, () => {});
  return copy;
}

// Errors below an AxiosError are the system's or a parser's; the parser quotes what it could not read.
function redactCause(cause: Error, mask: SecretMask): Error {
  const { code, syscall, address, port } = cause as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const said = Object.entries({ code, syscall, address, port }).filter(
    ([, value]) => value !== undefined,
  );
  const copy = Object.assign(new Error(mask.text(cause.message)), Object.fromEntries(said));
  copy.name = cause.name;
  copy.stack = mask.text(cause.stack ?? '');
  return copy;
}
