import axios from 'axios';
import { axiosDefaults, callsOf, tenantHeaders } from './axios-defaults.mjs';

/** Puts the token of a library that only fetches tokens into each request, as its users do. */
export function withInterceptor(account, getAccessToken) {
  const instance = axios.create({ ...axiosDefaults(account), headers: tenantHeaders(account) });
  instance.interceptors.request.use(async (config) => {
    config.headers.set('Authorization', `Bearer ${await getAccessToken()}`);
    return config;
  });
  return callsOf(instance);
}
