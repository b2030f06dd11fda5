import type { IncomingMessage } from 'node:http';
import type { AxiosError, AxiosResponse } from './axios.types.js';

type FetchRequest = Parameters<typeof fetch>[0];

// Of fetch, whose requests do not lead to their answers.
const answers = new WeakMap<object, Response>();

/** The global fetch as it is when called, of whose answers `headOf` knows. */
export const knownFetch = async (
  request: FetchRequest,
  options?: RequestInit,
): Promise<Response> => {
  const response = await fetch(request, options);
  if (typeof request === 'object') answers.set(request, response);
  return response;
};

/** The head of the answer to a failed request. Where the body breaks or is too long, axios tells nothing of it. */
export function headOf({ request, config }: AxiosError): AxiosResponse | undefined {
  if (typeof request !== 'object' || request === null || !config) return undefined;
  const head = headOfFetch(request) ?? headOfHttp(request);
  return head && ({ ...head, statusText: '', data: undefined, config } as AxiosResponse);
}

function headOfFetch(request: object) {
  const response = answers.get(request);
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
