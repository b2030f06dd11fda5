import type { IncomingMessage } from 'node:http';
import type { Call } from './call.interface.js';
import { invalidClient, json, oauthError, type Reply } from './replies.js';
import { segmentsOf } from './route.js';
import type { SandboxAccount } from './sandbox-account.js';

export const TOKEN_PATH = 'oauth/token';

const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;

export function isTokenRequest({ method, url = '' }: IncomingMessage): boolean {
  return method === 'POST' && segmentsOf(url.split('?')[0]).join('/') === TOKEN_PATH;
}

/**
 * Answers `POST /oauth/token`. DokStamp documents the success and the `invalid_client` answer; the
 * 400 answers are assumed, worded as the OAuth server library behind Laravel words them.
 */
export function answerTokenRequest(account: SandboxAccount, { headers, body }: Call): Reply {
  if (!FORM.test(headers['content-type'] ?? '')) {
    return invalidRequest('Send the body as application/x-www-form-urlencoded');
  }
  const form = new URLSearchParams(body.toString());
  const grantType = form.get('grant_type');
  const clientId = form.get('client_id');
  const clientSecret = form.get('client_secret');
  if (!grantType) return invalidRequest('Check the `grant_type` parameter');
  if (grantType !== 'client_credentials') return unsupportedGrantType();
  if (!clientId) return invalidRequest('Check the `client_id` parameter');
  if (!clientSecret) return invalidRequest('Check the `client_secret` parameter');
  if (!account.owns({ clientId, clientSecret })) return json(401, invalidClient());

  const { accessToken, expiresIn } = account.issueToken();
  const token = { token_type: 'Bearer', expires_in: expiresIn, access_token: accessToken };
  return json(200, token, { 'Cache-Control': 'no-store', Pragma: 'no-cache' });
}

function invalidRequest(hint: string): Reply {
  const description =
    'The request is missing a required parameter, includes an invalid parameter value, ' +
    'includes a parameter more than once, or is otherwise malformed.';
  return json(400, oauthError('invalid_request', description, hint));
}

function unsupportedGrantType(): Reply {
  const description = 'The authorization grant type is not supported by the authorization server.';
  const hint = 'Check that all required parameters have been provided';
  return json(400, oauthError('unsupported_grant_type', description, hint));
}
