import { Readable } from 'node:stream';
import type { Failure } from './failure.js';

/** An API call that axios rejects: refused by DokStamp, or never answered. */
export interface ApiFailure extends Error {
  readonly isAxiosError: true;
  readonly response?: { readonly status: number; readonly data: unknown };
}

// By its mark, not by instanceof: axios may be installed more than once.
export function isApiFailure(error: unknown): error is ApiFailure {
  return error instanceof Error && 'isAxiosError' in error;
}

/** What the caller can mend is passed on: a wrong uuid (404), wrong values (422). The rest is between DokStamp and us. */
export function failureOf({ response }: ApiFailure): Failure {
  const { status, data } = response ?? {};
  // The answer to a download is a stream, also when it says no; left unread it would hold its connection.
  if (data instanceof Readable) data.destroy();
  if (status === 404 || status === 422) {
    return { status, message: messageOf(data) ?? `DokStamp answered ${status}.` };
  }
  return { status: 502, message: 'DokStamp did not do what was asked.' };
}

/** The text of DokStamp's own error bodies; a proxy's page and a stream have none. */
function messageOf(data: unknown): string | string[] | undefined {
  const { message, errors } = (data ?? {}) as { message?: unknown; errors?: object };
  const texts = Object.values(errors ?? {}).flat();
  if (texts.length > 0) return texts.map(String);
  return typeof message === 'string' ? message : undefined;
}
