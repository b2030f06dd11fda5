import type {
  AxiosAdapter,
  AxiosConfig,
  AxiosInstance,
  AxiosResponse,
} from '../axios/axios.types.js';
import type { SecretMask } from '../redaction/secret-mask.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { USER_AGENT } from '../package-info.js';
import type { Use } from '../async/use.interface.js';
import { type Authorization, withToken } from './authorization/access-token.adapter.js';
import { isStreamed } from '../axios/outcome.js';
import { redactError } from './redaction/error-redaction.js';
import { hostAxios, resolveAdapter } from '../axios/host-axios.js';
import { type RequestBody, takeBody, withBody } from './body/request-body.js';
import type { RedirectGuard } from './redirects/redirect-guard.js';
import { type ApiScope, mayGoWithoutTenant } from './api-scope.js';
import { watchStream } from './redaction/response-redaction.js';
import { tenantMissing, tenantOf } from './tenant.js';

/** What a {@link DokStampInterceptor} works with. */
export interface InterceptorParts {
  readonly scope: ApiScope;
  readonly redirects: RedirectGuard;
  readonly tenant: ResolvedOptions['tenant'];
  readonly authorization: Authorization;
  readonly account: string | undefined;
  readonly mask: SecretMask;
  /** Told of each call. */
  readonly use?: Use | undefined;
}

/**
 * Adds our headers to our own requests, and lets no error leave with a secret in it.
 *
 * The work is done around the adapter, where axios has settled URL, headers and body: what is sent again is then
 * the same bytes, and a refused token request never looks like an answer of the API.
 */
export class DokStampInterceptor {
  constructor(private readonly parts: InterceptorParts) {}

  mount(instance: AxiosInstance): void {
    const redact = (error: unknown): unknown => redactError(error, this.parts.mask);
    instance.interceptors.request.use((config) => this.#prepare(config), null, {
      synchronous: true,
    });
    instance.interceptors.response.use(
      (response) => {
        if (isStreamed(response.config)) watchStream(response, redact);
        return response;
      },
      (error: unknown) => {
        throw redact(error);
      },
    );
  }

  #prepare(config: AxiosConfig): AxiosConfig {
    const { adapter } = config;
    // Interceptors of the app may have made plain objects of them.
    config.headers = hostAxios.AxiosHeaders.from(config.headers);
    const body = takeBody(config);
    config.adapter = (settled) => {
      // What fails goes back to the app with this config, and may come again (axios-retry): as it came, then.
      Object.assign(settled, { adapter });
      try {
        const sending = this.#send(settled, resolveAdapter(adapter, settled), body);
        return this.parts.use ? during(sending, this.parts.use) : sending;
      } catch (error) {
        return Promise.reject(error);
      }
    };
    return config;
  }

  #send(
    config: AxiosConfig,
    adapter: AxiosAdapter,
    body: RequestBody | undefined,
  ): Promise<AxiosResponse> {
    const { scope, redirects, authorization } = this.parts;
    const { headers } = config;
    const path = scope.pathOf(config);
    if (path === undefined) return withBody(adapter, body)(config);
    const send = withBody(redirects.guarding(adapter), body);
    headers.set('Accept', 'application/json', false);
    headers.set('User-Agent', USER_AGENT, false);
    if (config.dokStamp?.skipAuth) return send(config);
    this.#addTenant(config, path);
    // The app's own authorization, and so its own 401.
    if (headers.has('Authorization') || config.auth) return send(config);
    return withToken(send, authorization)(config);
  }

  #addTenant(config: AxiosConfig, path: string): void {
    const { tenant: option, account } = this.parts;
    const own = config.headers.get('X-Tenant');
    const tenant = tenantOf({ own, request: config.dokStamp?.tenant, option, path, account });
    if (tenant !== undefined) config.headers.set('X-Tenant', tenant);
    else if (!mayGoWithoutTenant(path)) throw tenantMissing(path, account);
    else if (typeof own === 'string') config.headers.delete('X-Tenant');
  }
}

function during<T>(work: Promise<T>, use: Use): Promise<T> {
  use.begin();
  return work.finally(() => use.end());
}
