import type { AxiosAdapter, AxiosConfig } from './axios.types.js';
import { hostAxios } from './host-axios.js';
import type { RequestTarget } from './request-target.js';

type RedirectHook = NonNullable<AxiosConfig['beforeRedirect']>;

// The only one that asks before it follows a redirect.
const httpAdapter = hostAxios.getAdapter('http');

const OURS = /^(?:authorization|x-tenant)$/i;

// Hooks that already drop our headers, so that a retried config does not wrap them again.
const guarded = new WeakSet<RedirectHook>();

/** On a redirect to another origin `Authorization` and `X-Tenant` are dropped, before the app's own hook runs. */
export function guardRedirects(
  config: AxiosConfig,
  adapter: AxiosAdapter,
  target: RequestTarget,
): void {
  // fetch follows by itself, asks nobody, and takes X-Tenant along: there a redirect is an error.
  if (adapter !== httpAdapter && config.fetchOptions?.redirect !== 'manual') {
    config.fetchOptions = { ...config.fetchOptions, redirect: 'error' };
  }
  const own = config.beforeRedirect;
  if (own && guarded.has(own)) return;
  const guard: RedirectHook = (options, ...details) => {
    if (!target.isSameOrigin(String(options.href))) dropOurHeaders(options.headers as object);
    return own?.(options, ...details);
  };
  guarded.add(guard);
  config.beforeRedirect = guard;
}

function dropOurHeaders(headers: object): void {
  for (const name of Object.keys(headers)) {
    if (OURS.test(name)) Reflect.deleteProperty(headers, name);
  }
}
