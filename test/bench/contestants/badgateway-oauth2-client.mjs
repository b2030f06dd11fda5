import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import { Readable } from 'node:stream';
import { absolute, tenantHeaders } from './axios-defaults.mjs';
import { STUB_BODY } from './stub-adapter.mjs';

/** `OAuth2Fetch` over the `fetch` of Node.js; it has no axios. */
export function create(account) {
  const { baseURL, clientId, clientSecret, stub } = account;
  if (stub) stubFetch();
  const client = new OAuth2Client({
    server: baseURL,
    tokenEndpoint: '/oauth/token',
    clientId,
    clientSecret,
    authenticationMethod: 'client_secret_post',
  });
  const getNewToken = () => client.clientCredentials();
  const oauth = new OAuth2Fetch({ client, getNewToken });
  const send = async (url, init) => {
    const response = await oauth.fetch(absolute(url, baseURL), {
      headers: tenantHeaders(account),
      ...init,
    });
    if (!response.ok) throw new Error(`Status ${response.status}`);
    return response.json();
  };
  return {
    get: (url) => send(url),
    upload: (url, makeStream) =>
      send(url, { method: 'POST', body: Readable.toWeb(makeStream()), duplex: 'half' }),
  };
}

function stubFetch() {
  const { fetch } = globalThis;
  const headers = { 'content-type': 'application/json' };
  globalThis.fetch = async (request, init) => {
    const url = typeof request === 'string' ? request : (request.url ?? request.href);
    return url.endsWith('/oauth/token')
      ? fetch(request, init)
      : new Response(STUB_BODY, { headers });
  };
}
