import type { AxiosAdapter, AxiosConfig } from '../../axios/axios.types.js';
import { followingRedirects } from './fetch-redirects.js';
import { isFetchAdapter } from '../../axios/host-axios.js';
import { dropOurHeaders } from './our-headers.js';
import type { RequestTarget } from '../api-scope.js';

type RedirectHook = NonNullable<AxiosConfig['beforeRedirect']>;

/** On a redirect to another origin `Authorization` and `X-Tenant` are dropped, before the app's own hook runs. */
export class RedirectGuard {
  readonly #target: RequestTarget;
  readonly #plain: RedirectHook;
  // Hooks that already drop our headers, so that a retried config does not wrap them again.
  readonly #guarded = new WeakSet<RedirectHook>();

  constructor(target: RequestTarget) {
    this.#target = target;
    this.#plain = this.#hook();
  }

  /** The adapter to send this request of ours by. */
  guard(config: AxiosConfig, adapter: AxiosAdapter): AxiosAdapter {
    const own = config.beforeRedirect;
    if (!own) config.beforeRedirect = this.#plain;
    else if (!this.#guarded.has(own)) config.beforeRedirect = this.#hook(own);
    return isFetchAdapter(adapter, config)
      ? followingRedirects(adapter, (url) => this.#target.isSameOrigin(url))
      : adapter;
  }

  #hook(own?: RedirectHook): RedirectHook {
    const hook: RedirectHook = (options, ...details) => {
      if (!this.#target.isSameOrigin(String(options.href)))
        dropOurHeaders(options.headers as object);
      return own?.(options, ...details);
    };
    this.#guarded.add(hook);
    return hook;
  }
}
