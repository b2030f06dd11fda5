import type { IncomingMessage } from 'node:http';
import { discard } from '../async/discard.js';
import type { AxiosError, AxiosResponse } from './axios.types.js';

type FetchRequest = Parameters<typeof fetch>[0];

interface FetchSend {
  readonly abort: AbortController;
  response?: Response;
}

// Of fetch, whose requests lead neither to their answers nor to their connections.
const sends = new WeakMap<object, FetchSend>();

/** The global fetch as it is when called, of whose requests `headOf` and `letGo` know. */
export const knownFetch = async (
  request: FetchRequest,
  options?: RequestInit,
): Promise<Response> => {
  if (typeof request === 'string' || request instanceof URL) return fetch(request, options);
  const send: FetchSend = { abort: new AbortController() };
  sends.set(request, send);
  const signal = AbortSignal.any([options?.signal ?? request.signal, send.abort.signal]);
  return (send.response = await fetch(request, { ...options, signal }));
};

/** The head of the answer to a failed request. Where the body breaks or is too long, axios tells nothing of it. */
export function headOf({ request, config }: AxiosError): AxiosResponse | undefined {
  if (typeof request !== 'object' || request === null || !config) return undefined;
  const head = headOfFetch(request) ?? headOfHttp(request);
  return head && ({ ...head, statusText: '', data: undefined, config } as AxiosResponse);
}

/**
 * Frees the connection of an answered request, though its body may not be sent or its answer not be read to the end,
 * and closes the stream it was sent with. One that is through keeps its connection for the next.
 */
export function letGo({ request, config }: AxiosResponse): void {
  const given = request as object | undefined;
  const send = given && sends.get(given);
  if (send) send.abort.abort();
  else discard(given);
  discard(config.data);
}

function headOfFetch(request: object) {
  const response = sends.get(request)?.response;
  return (
    response && { status: response.status, headers: Object.fromEntries(response.headers), request }
  );
}

function headOfHttp(given: object) {
  const { _currentRequest: current } = given as { _currentRequest?: object };
  const request = current ?? given;
  const { res } = request as { res?: IncomingMessage };
  return res?.statusCode === undefined
    ? undefined
    : { status: res.statusCode, headers: res.headers, request };
}
