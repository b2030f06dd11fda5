import type { FieldErrors } from './resources/validation.js';

/** An answer that is not yet written. */
export interface Reply {
  status: number;
  contentType: string;
  body: string | Buffer;
  headers?: Record<string, string> | undefined;
}

export function json(status: number, body: object, headers?: Record<string, string>): Reply {
  return { status, contentType: 'application/json', body: JSON.stringify(body), headers };
}

export function failure(status: number, message: string, headers?: Record<string, string>): Reply {
  return json(status, { success: false, message }, headers);
}

export function noContent(): Reply {
  return { status: 204, contentType: '', body: '' };
}

export const unauthenticated = (): Reply => failure(401, 'Unauthenticated.');

export const notFound = (): Reply => failure(404, 'Resource not found.');

export const serverError = (): Reply => failure(500, 'Server Error');

export function methodNotAllowed(method: string, allowed: string[]): Reply {
  const allow = allowed.join(', ');
  return failure(405, `The ${method} method is not supported. Supported methods: ${allow}.`, {
    Allow: allow,
  });
}

export function invalid(errors: Readonly<FieldErrors>): Reply {
  return json(422, { success: false, message: 'The given data was invalid.', errors });
}

/** The body of the token endpoint's own errors, shaped as RFC 6749 section 5.2 has it. */
export function oauthError(error: string, description: string, hint?: string): object {
  return {
    error,
    error_description: description,
    ...(hint === undefined ? {} : { hint }),
    message: description,
  };
}

export const invalidClient = (): object =>
  oauthError('invalid_client', 'Client authentication failed');
