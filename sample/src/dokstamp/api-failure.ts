/** An API call that axios rejects: refused by DokStamp, or never answered. */
export interface ApiFailure extends Error {
  readonly isAxiosError: true;
  readonly response?: { readonly status: number; readonly data: unknown };
}

// By its mark, not by instanceof: axios may be installed more than once.
export function isApiFailure(error: unknown): error is ApiFailure {
  return error instanceof Error && 'isAxiosError' in error;
}

/** Whether this is one of DokStamp's own error bodies, and not a stream or the page of a proxy. */
export function isApiMessage(data: unknown): data is { message: string } {
  return (
    typeof data === 'object' &&
    data !== null &&
    'message' in data &&
    typeof data.message === 'string'
  );
}
