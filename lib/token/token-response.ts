import type { SecretMask } from '../redaction/secret-mask.js';
import { isFilled, isLegalHeaderValue } from '../options/header-value.js';

/** Lifetime of a token whose response has no `expires_in`, which RFC 6749, 5.1 only recommends. */
export const ASSUMED_LIFETIME_S = 300;

/** A successful token response. */
export interface TokenGrant {
  readonly accessToken: string;
  /** Seconds; undefined if the response has no `expires_in`. */
  readonly expiresIn: number | undefined;
}

/** Why a body is not a token response, without any of its content. */
export class InvalidTokenResponse {
  constructor(readonly reason: string) {}
}

/** Checks the whole body of a 200 from the token endpoint (RFC 6749, 5.1; the service-token page). */
export function parseTokenResponse(
  body: string,
  mask: SecretMask,
): TokenGrant | InvalidTokenResponse {
  const answer = parseObject(body, mask);
  if (!answer) return new InvalidTokenResponse('the body is not a JSON object');
  if (answer.error !== undefined && answer.error !== null)
    return new InvalidTokenResponse('the body carries an "error"');
  const { access_token: accessToken, token_type: type, expires_in: expiresIn } = answer;
  if (!isFilled(accessToken))
    return new InvalidTokenResponse('access_token is not a non-empty string');
  if (!isLegalHeaderValue(accessToken)) {
    return new InvalidTokenResponse('access_token has characters that no header may carry');
  }
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    return new InvalidTokenResponse('token_type is not "Bearer"');
  }
  if (expiresIn === undefined || expiresIn === null) return { accessToken, expiresIn: undefined };
  const seconds = positiveSeconds(expiresIn);
  if (seconds === undefined) {
    return new InvalidTokenResponse('expires_in is not a positive finite number of seconds');
  }
  return { accessToken, expiresIn: seconds };
}

/** The `error` and `error_description` of an OAuth error body (RFC 6749, 5.2), as far as it is one; masked, then cut. */
export function parseTokenError(
  body: string,
  mask: SecretMask,
): { error?: string; description?: string } {
  const { error, error_description: description } = parseObject(body, mask) ?? {};
  return {
    ...(typeof error === 'string' ? { error } : {}),
    ...(typeof description === 'string' ? { description: singleLine(description, mask) } : {}),
  };
}

// A token is masked from here on, even if its response is not accepted.
function parseObject(body: string, mask: SecretMask): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const answer = value as Record<string, unknown>;
    if (typeof answer.access_token === 'string') mask.add(answer.access_token);
    return answer;
  } catch {
    return undefined;
  }
}

function positiveSeconds(value: unknown): number | undefined {
  const decimal = typeof value === 'string' && /^\d+(\.\d+)?(e\+?\d+)?$/i.test(value.trim());
  const seconds = decimal ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return undefined;
  return seconds > 0 ? seconds : undefined;
}

// For log lines, in which line ends would forge other lines. Masked again after line ends were replaced, because one may
// have split a secret.
function singleLine(text: string, mask: SecretMask): string {
  const line = mask.text(text).replace(/[^\x20-\x7e\xa0-\uffff]+/g, ' ');
  return mask.text(line).slice(0, 200);
}
