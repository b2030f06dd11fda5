import type { DokStampErrorDetails } from '../errors/dokstamp.error.js';
import { type TokenFailure, tokenFailure } from '../errors/token-failure.js';
import type { DokStampCredentials } from '../options/dokstamp-options.interface.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { SecretMask } from '../redaction/secret-mask.js';
import { retryAfterMs } from './retry-after.js';
import { parseTokenError } from './token-response.js';

/** A response of the token endpoint other than 200. */
interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly headers: object;
}

/** The URL of the token endpoint. */
export function tokenUrlOf({ baseURL }: Pick<ResolvedOptions, 'baseURL'>): string {
  return `${baseURL}/oauth/token`;
}

/** The failure behind a status other than 200, with `retryAt` if the server asks to wait. */
export function refusedRequest(
  response: Refusal,
  pair: DokStampCredentials,
  options: ResolvedOptions,
  now: number,
): TokenFailure {
  const { status } = response;
  const { error, description } = parseTokenError(response.text, options.mask);
  const details = { status, ...(description && { errorDescription: description }) };
  const returned = `POST ${tokenUrlOf(options)} returned ${status}`;
  if (status === 429 || status >= 500) {
    const header = (response.headers as Record<string, unknown>)['retry-after'];
    return overloaded(returned, status, retryAfterMs(header, now), details, now);
  }
  if (error === 'invalid_client' && (status === 401 || status === 400)) {
    const hint = [
      suspicion('clientId', pair.clientId),
      suspicion('clientSecret', pair.clientSecret),
    ].join('');
    const step = options.credentials.rereadable
      ? ''
      : ' Restart the app with them, because it reads them once, at boot.';
    return tokenFailure(
      'invalid_client',
      `${returned} invalid_client.${hint} Check clientId and clientSecret; ` +
        `if they are right, ask your DokStamp account manager for new ones.${step}`,
      details,
    );
  }
  if (status < 300) return invalidResponse(options, `the status is ${status}, not 200`, status);
  const message =
    status < 400
      ? `${returned}, a redirect, which is not followed. Correct baseURL.`
      : `${returned}. ${status === 404 ? 'Check baseURL.' : 'Check baseURL and the credentials.'}`;
  return tokenFailure('token_request_rejected', message, details);
}

/** A 200 that is not a token response. */
export function invalidResponse(
  options: Pick<ResolvedOptions, 'baseURL'>,
  reason: string,
  status: number,
): TokenFailure {
  return tokenFailure(
    'token_response_invalid',
    `POST ${tokenUrlOf(options)} returned no token: ${reason}. Check baseURL and any proxy in between.`,
    { status },
  );
}

/** A token that had expired when its response arrived. */
export function expiredOnArrival(options: Pick<ResolvedOptions, 'baseURL'>): TokenFailure {
  return invalidResponse(options, 'its lifetime (expires_in) was over on arrival', 200);
}

/** A 200 whose body could not be read to its end. */
export function unreadable(flaw: 'too long' | Error, options: ResolvedOptions): TokenFailure {
  if (flaw === 'too long') return invalidResponse(options, 'the body is larger than 64 KiB', 200);
  const { code } = flaw as NodeJS.ErrnoException;
  // zlib reports a truncated body with other codes.
  const isGarbage = /^(Z_DATA_ERROR|ERR__ERROR_FORMAT)/.test(code ?? '');
  return isGarbage
    ? invalidResponse(options, 'the body cannot be decompressed', 200)
    : unreachable(flaw, options);
}

/** A request that the time limit of its acquisition has ended. */
export function timedOut(options: Pick<ResolvedOptions, 'baseURL' | 'tokenTimeout'>): TokenFailure {
  return tokenFailure(
    'token_request_failed',
    `POST ${tokenUrlOf(options)} timed out (tokenTimeout is ${options.tokenTimeout} ms). Check the network and baseURL.`,
  );
}

/** A request without a response. */
export function unreachable(
  error: unknown,
  options: Pick<ResolvedOptions, 'baseURL' | 'mask'>,
): TokenFailure {
  const { code, message = '' } = error as { code?: string; message?: string };
  return tokenFailure(
    'token_request_failed',
    `POST ${tokenUrlOf(options)} failed (${code ?? 'no code'}). Check the network and baseURL.`,
    { cause: causeOf(message, code, options.mask) },
  );
}

// Not the AxiosError itself, which holds the form with the secret.
function causeOf(message: string, code: string | undefined, mask: SecretMask): Error {
  return Object.assign(new Error(mask.text(message)), { code });
}

function overloaded(
  returned: string,
  status: number,
  pauseMs: number | undefined,
  details: DokStampErrorDetails,
  now: number,
): TokenFailure {
  if (status !== 429 && pauseMs === undefined) {
    return tokenFailure(
      'token_request_failed',
      `${returned}. The library tries again by itself.`,
      details,
    );
  }
  const retryAt = pauseMs && { retryAt: new Date(now + pauseMs) };
  return tokenFailure(
    'token_rate_limited',
    `${returned} and asks to wait. The library waits and tries again by itself.`,
    { ...details, ...retryAt },
  );
}

/** What is odd about a refused value, without the value. */
function suspicion(option: string, value: string): string {
  const oddities = [
    ...(value.trim() === value ? [] : ['begins or ends with a space']),
    ...(/^(["'`]).*\1$/s.test(value.trim()) ? ['is wrapped in quotes'] : []),
  ];
  return oddities.length > 0 ? ` ${option} ${oddities.join(' and ')}.` : '';
}
