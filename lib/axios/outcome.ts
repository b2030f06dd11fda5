import type { AxiosError, AxiosResponse, AxiosConfig } from './axios.types.js';
import { headOf } from './sent-request.js';
import { hostAxios, isAxiosError } from './host-axios.js';
import { transformed } from './transforms.js';

/** How one send ended: with an answer that `validateStatus` accepts, or with an error that may hold an answer. */
export type Outcome = { readonly response: AxiosResponse } | { readonly error: unknown };

/** Whether the answer is given as a stream; axios takes the word in any case. */
export function isStreamed({ responseType }: AxiosConfig): boolean {
  return responseType?.toLowerCase() === 'stream';
}

/** The answer, whether accepted or not; of one whose body could not be read, its head. */
export function answerOf(outcome: Outcome): AxiosResponse | undefined {
  if ('response' in outcome) return outcome.response;
  if (!isAxiosError(outcome.error)) return undefined;
  return outcome.error.response ?? headOf(outcome.error);
}

/** The outcome, an error of it with this cause. */
export function causedBy(outcome: Outcome, value: Error): Outcome {
  const cause = { value, writable: true, configurable: true };
  if ('error' in outcome) Reflect.defineProperty(outcome.error as object, 'cause', cause);
  return outcome;
}

/** Lets the outcome reach the caller as axios would. */
export function settle(outcome: Outcome): AxiosResponse {
  if ('response' in outcome) return outcome.response;
  throw outcome.error;
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
