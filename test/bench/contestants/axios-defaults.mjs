import { stubAdapter } from './stub-adapter.mjs';

/** What every axios contestant is created with. */
export function axiosDefaults({ baseURL, stub }) {
  return stub ? { baseURL, adapter: stubAdapter } : { baseURL };
}

/** The headers besides the token that DokStamp wants with each request. */
export function tenantHeaders({ tenant }) {
  return { Accept: 'application/json', 'X-Tenant': tenant };
}

/** One call and its two special forms, by an axios instance. */
export function callsOf(instance) {
  return {
    get: (url) => instance.get(url),
    upload: (url, makeStream) => instance.post(url, makeStream()),
  };
}

/** The URL of a call, for those without axios and its `baseURL`. */
export function absolute(url, baseURL) {
  return url.startsWith('/') ? baseURL + url : url;
}
