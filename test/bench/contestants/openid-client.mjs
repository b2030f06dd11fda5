import {
  ClientSecretPost,
  Configuration,
  allowInsecureRequests,
  clientCredentialsGrant,
} from 'openid-client';
import { withInterceptor } from './with-interceptor.mjs';

/** The tokens of `clientCredentialsGrant`, kept until they are about to expire. */
export function create(account) {
  const { baseURL, clientId, clientSecret, margin } = account;
  const server = { issuer: baseURL, token_endpoint: `${baseURL}/oauth/token` };
  const config = new Configuration(server, clientId, {}, ClientSecretPost(clientSecret));
  allowInsecureRequests(config);
  let tokens;
  return withInterceptor(account, async () => {
    if (!tokens || tokens.expiresIn() < margin) tokens = await clientCredentialsGrant(config);
    return tokens.access_token;
  });
}
