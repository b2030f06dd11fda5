import axios from 'axios';
import { axiosDefaults, tenantHeaders } from './axios-defaults.mjs';

/** The `getToken()` of the DokStamp documentation, called before each request. */
export function create(account) {
  const instance = axios.create(axiosDefaults(account));
  const getToken = documented(account);
  const headers = async () => ({
    ...tenantHeaders(account),
    Authorization: `Bearer ${await getToken()}`,
  });
  return {
    get: async (url) => instance.get(url, { headers: await headers() }),
    upload: async (url, makeStream) =>
      instance.post(url, makeStream(), { headers: await headers() }),
  };
}

function documented({ baseURL, clientId, clientSecret, margin }) {
  let token = null;
  let expiresAt = null;
  return async function getToken() {
    if (token && Date.now() < expiresAt - margin * 1000) return token;
    const res = await fetch(`${baseURL}/oauth/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      }),
    });
    const data = await res.json();
    token = data.access_token;
    expiresAt = Date.now() + data.expires_in * 1000;
    return token;
  };
}
