import { ClientCredentials } from 'simple-oauth2';
import { withInterceptor } from './with-interceptor.mjs';

/** The access token of `ClientCredentials`, kept until it is about to expire. */
export function create(account) {
  const { baseURL, clientId, clientSecret, margin } = account;
  const client = new ClientCredentials({
    client: { id: clientId, secret: clientSecret },
    auth: { tokenHost: baseURL, tokenPath: '/oauth/token' },
    options: { authorizationMethod: 'body' },
  });
  let accessToken;
  return withInterceptor(account, async () => {
    if (!accessToken || accessToken.expired(margin)) accessToken = await client.getToken({});
    return accessToken.token.access_token;
  });
}
