import { DokStampError, type DokStampErrorDetails } from '../errors/dokstamp.error.js';
import type { SecretMask } from '../errors/secret-mask.js';
import { retryAfterMs } from './retry-after.js';
import { parseTokenError } from './token-response.js';

/** An answer of the token endpoint other than 200. */
interface Refusal {
  readonly status: number;
  readonly data: string;
  readonly headers: object;
}

/** The failure behind a status other than 200; with `retryAt` where the server asks to be left alone until then. */
export function refusedRequest(answer: Refusal, mask: SecretMask, now: number): DokStampError {
  const { status } = answer;
  const { error, description } = parseTokenError(answer.data);
  const details = {
    status,
    ...(description === undefined ? {} : { errorDescription: mask.text(description) }),
  };
  if (status === 429 || status >= 500) {
    const header = (answer.headers as Record<string, unknown>)['retry-after'];
    return overloaded(status, retryAfterMs(header, now), details, now);
  }
  if (error === 'invalid_client' && (status === 401 || status === 400)) {
    return new DokStampError(
      'invalid_client',
      'DokStamp refuses the client credentials (invalid_client). ' +
        'Ask the account manager for a new pair and put it where the app reads it.',
      details,
    );
  }
  if (status < 300) return invalidResponse(`the status is ${status}, not 200`, status);
  return new DokStampError(
    'token_request_rejected',
    status < 400
      ? `The DokStamp token endpoint answers with a redirect (${status}), which is not followed. Correct baseURL.`
      : `The DokStamp token endpoint rejects the token request (status ${status}). Check baseURL and the credentials.`,
    details,
  );
}

/** A success that is no token answer. */
export function invalidResponse(reason: string, status: number): DokStampError {
  return new DokStampError(
    'token_response_invalid',
    `The answer of the DokStamp token endpoint is no token: ${reason}. Check baseURL and what stands between.`,
    { retryable: true, status },
  );
}

/** The failure behind a token request that got no answer, or none that could be read. */
export function unreachable(error: unknown, mask: SecretMask): DokStampError {
  const { code, message = '' } = error as { code?: string; message?: string };
  if (message.startsWith('maxContentLength'))
    return invalidResponse('it is larger than 64 KiB', 200);
  // The AxiosError holds the form with the secret: only its words go on.
  const cause = Object.assign(new Error(mask.text(message)), { code });
  return new DokStampError(
    'token_request_failed',
    `The DokStamp token endpoint cannot be reached (${code ?? 'no code'}). Check the network and baseURL.`,
    { retryable: true, cause },
  );
}

function overloaded(
  status: number,
  pauseMs: number | undefined,
  details: DokStampErrorDetails,
  now: number,
): DokStampError {
  if (status !== 429 && pauseMs === undefined) {
    return new DokStampError(
      'token_request_failed',
      `The DokStamp token endpoint answered ${status}.`,
      {
        ...details,
        retryable: true,
      },
    );
  }
  return new DokStampError(
    'token_rate_limited',
    `The DokStamp token endpoint asks to wait (${status}).`,
    {
      ...details,
      retryable: true,
      ...(pauseMs === undefined ? {} : { retryAt: new Date(now + pauseMs) }),
    },
  );
}
