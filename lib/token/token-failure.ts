import type { DokStampErrorDetails } from '../errors/dokstamp.error.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { SecretMask } from '../redaction/secret-mask.js';
import { type TokenFailure, tokenFailure } from '../errors/failure-kinds.js';
import { retryAfterMs } from './retry-after.js';
import { parseTokenError } from './token-response.js';

/** An answer of the token endpoint other than 200. */
interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly headers: object;
}

/** The failure behind a status other than 200; with `retryAt` where the server asks to be left alone until then. */
export function refusedRequest(
  answer: Refusal,
  { mask, credentials }: ResolvedOptions,
  now: number,
): TokenFailure {
  const { status } = answer;
  const { error, description } = parseTokenError(answer.text, mask);
  const details = { status, ...(description && { errorDescription: description }) };
  if (status === 429 || status >= 500) {
    const header = (answer.headers as Record<string, unknown>)['retry-after'];
    return overloaded(status, retryAfterMs(header, now), details, now);
  }
  if (error === 'invalid_client' && (status === 401 || status === 400)) {
    return tokenFailure(
      'invalid_client',
      'DokStamp refuses the client credentials (invalid_client). ' +
        'Ask the account manager for a new pair and put it where the app reads it' +
        (credentials.rereadable
          ? '.'
          : ', then restart the app, as it reads the pair once, at boot.'),
      details,
    );
  }
  if (status < 300) return invalidResponse(`the status is ${status}, not 200`, status);
  return tokenFailure(
    'token_request_rejected',
    status < 400
      ? `The DokStamp token endpoint answers with a redirect (${status}), which is not followed. Correct baseURL.`
      : `The DokStamp token endpoint rejects the token request (status ${status}). Check baseURL and the credentials.`,
    details,
  );
}

/** A success that is no token answer. */
export function invalidResponse(reason: string, status: number): TokenFailure {
  return tokenFailure(
    'token_response_invalid',
    `The answer of the DokStamp token endpoint is no token: ${reason}. Check baseURL and what stands between.`,
    { status },
  );
}

/** A token whose lifetime was over before anybody could send it. */
export function overOnArrival(): TokenFailure {
  return invalidResponse('its lifetime (expires_in) was over when it came', 200);
}

/** A success whose body could not be read to its end. */
export function unreadable(flaw: 'too long' | Error, mask: SecretMask): TokenFailure {
  if (flaw === 'too long') return invalidResponse('it is larger than 64 KiB', 200);
  const { code } = flaw as NodeJS.ErrnoException;
  // zlib's words for what it never packed; for what is missing at the end it has others.
  const isGarbage = /^(Z_DATA_ERROR|ERR__ERROR_FORMAT)/.test(code ?? '');
  return isGarbage ? invalidResponse('it cannot be unpacked', 200) : unreachable(flaw, mask);
}

/** A request that the time limit of its acquisition has ended. */
export function tookTooLong(tokenTimeout: number): TokenFailure {
  return tokenFailure(
    'token_request_failed',
    `No DokStamp token came within tokenTimeout (${tokenTimeout} ms). Check the network and baseURL.`,
  );
}

/** The failure behind a token request that got no answer. */
export function unreachable(error: unknown, mask: SecretMask): TokenFailure {
  const { code, message = '' } = error as { code?: string; message?: string };
  // The AxiosError holds the form with the secret: only its words go on.
  const cause = Object.assign(new Error(mask.text(message)), { code });
  return tokenFailure(
    'token_request_failed',
    `The DokStamp token endpoint cannot be reached (${code ?? 'no code'}). Check the network and baseURL.`,
    { cause },
  );
}

function overloaded(
  status: number,
  pauseMs: number | undefined,
  details: DokStampErrorDetails,
  now: number,
): TokenFailure {
  if (status !== 429 && pauseMs === undefined) {
    const told = `The DokStamp token endpoint answered ${status}.`;
    return tokenFailure('token_request_failed', told, details);
  }
  return tokenFailure(
    'token_rate_limited',
    `The DokStamp token endpoint asks to wait (${status}).`,
    { ...details, ...(pauseMs && { retryAt: new Date(now + pauseMs) }) },
  );
}
