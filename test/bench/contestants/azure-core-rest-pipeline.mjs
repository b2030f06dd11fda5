import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  redirectPolicy,
} from '@azure/core-rest-pipeline';
import { absolute, tenantHeaders } from './axios-defaults.mjs';
import { requestToken } from './request-token.mjs';
import { STUB_BODY } from './stub-adapter.mjs';

/** A pipeline with the bearer policy and that for redirects; it has no axios. */
export function create(account) {
  const { baseURL, stub } = account;
  const secureURL = baseURL.replace(/^http:/, 'https:');
  const pipeline = createEmptyPipeline();
  const credential = { getToken: () => azureToken(account) };
  pipeline.addPolicy(redirectPolicy());
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: 'dokstamp' }));
  const client = stub ? { sendRequest: stubSend } : plainHttpClient();
  const send = async (url, more) => {
    const request = createPipelineRequest({
      url: absolute(url, secureURL).replace(/^http:/, 'https:'),
      headers: createHttpHeaders(tenantHeaders(account)),
      ...more,
    });
    const { status, bodyAsText } = await pipeline.sendRequest(client, request);
    if (status !== 200) throw new Error(`Status ${status}`);
    return JSON.parse(bodyAsText);
  };
  return {
    get: (url) => send(url),
    upload: (url, makeStream) => send(url, { method: 'POST', body: makeStream }),
  };
}

// The policy refuses to put a token on plain HTTP, which is what the server here speaks: changed below the policy.
function plainHttpClient() {
  const client = createDefaultHttpClient();
  return {
    sendRequest(request) {
      const { url } = request;
      request.url = url.replace(/^https:/, 'http:');
      request.allowInsecureConnection = true;
      return client.sendRequest(request).finally(() => (request.url = url));
    },
  };
}

// The policy renews 2 minutes before the end, and at 1 s before it callers wait; the first of the two can be said.
async function azureToken(account) {
  const { access_token: token, expires_in: lifetime } = await requestToken(account);
  const expiresOnTimestamp = Date.now() + lifetime * 1000;
  const refreshAfterTimestamp = expiresOnTimestamp - account.margin * 1000;
  return { token, expiresOnTimestamp, refreshAfterTimestamp };
}

async function stubSend(request) {
  return { request, status: 200, headers: createHttpHeaders(), bodyAsText: STUB_BODY };
}
