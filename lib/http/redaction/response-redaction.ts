import { errorMonitor } from 'node:events';
import { PassThrough, Readable, pipeline } from 'node:stream';
import type { AxiosResponse } from '../../axios/axios.types.js';
import type { SecretMask } from '../../redaction/secret-mask.js';
import { maskValue } from '../../redaction/mask-value.js';
import { summaryOf } from './request-summary.js';

/** Takes secrets and sockets out of the answer that an error carries; its config is redacted apart. */
export function redactResponse(response: AxiosResponse, mask: SecretMask): void {
  response.request &&= summaryOf(response.request, mask);
  response.statusText = mask.text(response.statusText ?? '');
  response.headers = maskValue(response.headers, mask) as AxiosResponse['headers'];
  response.data =
    response.data instanceof Readable ? detached(response.data) : maskValue(response.data, mask);
}

/** Lets `redact` see an error of a streamed answer before the app does. */
export function watchStream(response: AxiosResponse, redact: (error: unknown) => void): void {
  const data: unknown = response.data;
  // Unlike an 'error' listener, this one does not count as handling the error.
  if (data instanceof Readable) data.on(errorMonitor, redact);
}

// The answer's own stream leads to its socket, and so to the request's headers.
function detached(stream: Readable): Readable {
  const copy = new PassThrough();
  pipeline(stream, copy, () => {});
  return copy;
}
