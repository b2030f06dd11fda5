import type { AxiosInstance, AxiosResponse, AxiosConfig } from './axios.types.js';
import { isDokStampError } from '../errors/dokstamp.error.js';
import type { SecretMask } from '../errors/secret-mask.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { USER_AGENT } from '../package-info.js';
import type { AuthorizedSend, Call } from './authorized-send.js';
import { redactError } from './error-redaction.js';
import { resolveAdapter } from './host-axios.js';
import { guardRedirects } from './redirect-guard.js';
import { asSendable } from './request-body.js';
import { type RequestTarget, mayGoWithoutTenant } from './request-target.js';
import { tenantMissing, tenantOf } from './tenant.js';

/** What a {@link DokStampInterceptor} works with. */
export interface InterceptorParts {
  readonly target: RequestTarget;
  readonly tenant: ResolvedOptions['tenant'];
  readonly authorized: AuthorizedSend;
  readonly mask: SecretMask;
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
    instance.interceptors.request.use((config) => this.#prepare(config), null, {
      synchronous: true,
    });
    instance.interceptors.response.use(null, (error: unknown) => {
      throw redactError(error, this.parts.mask);
    });
  }

  #prepare(config: AxiosConfig): AxiosConfig {
    const { adapter, dokStamp } = config;
    const headersBeforeBody = dokStamp?.body && config.headers.concat();
    config.data = asSendable(dokStamp?.body ? dokStamp.body() : config.data);
    config.adapter = (settled) => {
      // What fails goes back to the app with this config, and may come again (axios-retry): as it came, then.
      settled.adapter = adapter;
      return this.#send({ config: settled, adapter: resolveAdapter(adapter), headersBeforeBody });
    };
    return config;
  }

  async #send(call: Call): Promise<AxiosResponse> {
    const { config, adapter } = call;
    const { target, authorized } = this.parts;
    const path = target.pathOf(config);
    if (path === undefined) return adapter(config);
    guardRedirects(config, adapter, target);
    config.headers.set('Accept', 'application/json', false);
    config.headers.set('User-Agent', USER_AGENT, false);
    if (config.dokStamp?.skipAuth) return adapter(config);
    this.#addTenant(config, path);
    // Somebody else's authorization, and so somebody else's 401.
    if (config.headers.has('Authorization') || config.auth) return adapter(config);
    return authorized.send(call);
  }

  #addTenant(config: AxiosConfig, path: string): void {
    const tenant = this.#tenantFor(config, path);
    if (tenant !== undefined) config.headers.set('X-Tenant', tenant);
    else if (!mayGoWithoutTenant(path)) throw tenantMissing(path);
  }

  #tenantFor(config: AxiosConfig, path: string): string | undefined {
    try {
      return tenantOf(config.headers.get('X-Tenant'), config.dokStamp?.tenant, this.parts.tenant);
    } catch (error) {
      throw isDokStampError(error) ? error : tenantMissing(path, error);
    }
  }
}
