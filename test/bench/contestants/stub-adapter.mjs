import { AxiosHeaders } from 'axios';

export const STUB_BODY =
  '{"data":[{"uuid":"4b7c1f0e-8f0b-4d0e-9b43-0f6f3c2f8a11","status":"issued"}]}';
const TOKEN_BODY = '{"token_type":"Bearer","expires_in":43200,"access_token":"token-of-the-stub"}';
const REQUEST = {};

/** The stub transport of the axios contestants: everything above the adapter runs as it does in earnest. */
export async function stubAdapter(config) {
  const headers = new AxiosHeaders({ 'content-type': 'application/json' });
  // The token request of this package has the same adapter.
  const data = config.url.endsWith('/oauth/token') ? TOKEN_BODY : STUB_BODY;
  return { data, status: 200, statusText: 'OK', headers, config, request: REQUEST };
}
