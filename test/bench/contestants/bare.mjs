import axios from 'axios';
import { axiosDefaults, callsOf, tenantHeaders } from './axios-defaults.mjs';
import { requestToken } from './request-token.mjs';

/** An axios instance with a fixed `Authorization` in its default headers: no token management whatever. */
export async function bareInstance(account) {
  const { access_token: token } = await requestToken(account);
  const headers = { ...tenantHeaders(account), Authorization: `Bearer ${token}` };
  return axios.create({ ...axiosDefaults(account), headers });
}

export async function create(account) {
  return callsOf(await bareInstance(account));
}
