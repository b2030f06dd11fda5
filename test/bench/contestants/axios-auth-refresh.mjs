import axios from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import { axiosDefaults, callsOf, tenantHeaders } from './axios-defaults.mjs';
import { requestToken } from './request-token.mjs';

/** As its README shows: the token is put in by a request interceptor, and fetched after a 401. */
export async function create(account) {
  const instance = axios.create({ ...axiosDefaults(account), headers: tenantHeaders(account) });
  // The stub transport refuses nobody, so there it has its token from the start, as all others do.
  let token = account.stub ? (await requestToken(account)).access_token : '';
  instance.interceptors.request.use((request) => {
    request.headers['Authorization'] = `Bearer ${token}`;
    return request;
  });
  createAuthRefresh(instance, async (failedRequest) => {
    ({ access_token: token } = await requestToken(account));
    failedRequest.response.config.headers['Authorization'] = `Bearer ${token}`;
  });
  return callsOf(instance);
}
