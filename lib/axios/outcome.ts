import type { AxiosError, AxiosResponse, AxiosConfig } from './axios.types.js';
import { hostAxios, isAxiosError } from './host-axios.js';
import { transformed } from './transforms.js';

/** How one send ended: with an answer that `validateStatus` accepts, or with an error that may hold an answer. */
export type Outcome = { readonly response: AxiosResponse } | { readonly error: unknown };

/** Waits for a send without throwing. */
export function outcomeOf(send: Promise<AxiosResponse>): Promise<Outcome> {
  return send.then(
    (response) => ({ response }),
    (error: unknown) => ({ error }),
  );
}

/** The answer, whether accepted or not. */
export function answerOf(outcome: Outcome): AxiosResponse | undefined {
  if ('response' in outcome) return outcome.response;
  return isAxiosError(outcome.error) ? outcome.error.response : undefined;
}

/** Lets the outcome reach the caller as axios would. */
export function settle(outcome: Outcome): AxiosResponse {
  if ('response' in outcome) return outcome.response;
  throw outcome.error;
}

/** Lets go of an answer that nobody reads: an unread stream would hold its connection. */
export function discardBody({ data }: AxiosResponse): void {
  const body = data as { resume?(): void; cancel?(): unknown } | undefined;
  if (typeof body?.resume === 'function') body.resume();
  else if (typeof body?.cancel === 'function') void body.cancel();
}

/** The 401 as an error, its body read as the caller would have got it; for the `cause` of another error. */
export function asError(outcome: Outcome, config: AxiosConfig): AxiosError {
  const error =
    'error' in outcome
      ? (outcome.error as AxiosError)
      : new hostAxios.AxiosError(
          `Request failed with status code ${outcome.response.status}`,
          'ERR_BAD_REQUEST',
          config,
          outcome.response.request,
          outcome.response,
        );
  const { response } = error;
  if (response) response.data = readable(config, response);
  return error;
}

function readable(config: AxiosConfig, response: AxiosResponse): unknown {
  try {
    return transformed(config, config.transformResponse, response.data, response.status);
  } catch {
    return response.data;
  }
}
