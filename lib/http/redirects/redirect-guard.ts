import type { AxiosAdapter, AxiosConfig } from '../../axios/axios.types.js';
import { httpAdapter } from '../../axios/host-axios.js';
import type { ApiScope } from '../api-scope.js';

const NOT_FOR_OTHERS = /^(?:authorization|x-tenant)$/i;

type RedirectHook = NonNullable<AxiosConfig['beforeRedirect']>;

/**
 * On a redirect to another origin `Authorization` and `X-Tenant` are dropped, before the app's own hook runs. With
 * fetch, which takes `X-Tenant` along, no redirect is followed.
 */
export class RedirectGuard {
  readonly #scope: ApiScope;
  readonly #plain: RedirectHook;
  // Hooks that already drop our headers, so that a retried config does not wrap them again.
  readonly #guarded = new WeakSet<RedirectHook>();

  constructor(scope: ApiScope) {
    this.#scope = scope;
    this.#plain = this.#hook();
  }

  /** The adapter, for requests of ours. */
  guarding(adapter: AxiosAdapter): AxiosAdapter {
    return (config) => {
      const own = config.beforeRedirect;
      if (!own) config.beforeRedirect = this.#plain;
      else if (!this.#guarded.has(own)) config.beforeRedirect = this.#hook(own);
      // Any other may be the fetch adapter of axios, or an adapter of the app that sends by it.
      if (adapter !== httpAdapter) followNone(config);
      return adapter(config);
    };
  }

  #hook(own?: RedirectHook): RedirectHook {
    const hook: RedirectHook = (options, ...details) => {
      if (!this.#scope.isSameOrigin(String(options.href)))
        dropOurHeaders(options.headers as object);
      return own?.(options, ...details);
    };
    this.#guarded.add(hook);
    return hook;
  }
}

function followNone(config: AxiosConfig): void {
  if (config.fetchOptions?.redirect === 'error') return;
  config.fetchOptions = { ...config.fetchOptions, redirect: 'manual' };
}

function dropOurHeaders(headers: object): void {
  for (const name of Object.keys(headers)) {
    if (NOT_FOR_OTHERS.test(name)) Reflect.deleteProperty(headers, name);
  }
}
