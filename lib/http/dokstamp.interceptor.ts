import type {
  AdapterOption,
  AxiosConfig,
  AxiosInstance,
  AxiosResponse,
} from '../axios/axios.types.js';
import { isDokStampError } from '../errors/dokstamp.error.js';
import type { SecretMask } from '../redaction/secret-mask.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { USER_AGENT } from '../package-info.js';
import type { AuthorizedSend } from './authorization/access-token.adapter.js';
import { redactError } from './redaction/error-redaction.js';
import { resolveAdapter } from '../axios/host-axios.js';
import { MadeBody } from './body/made-body.js';
import type { RedirectGuard } from './redirects/redirect-guard.js';
import { asSendable } from './body/request-body.js';
import { type RequestTarget, mayGoWithoutTenant } from './api-scope.js';
import { watchStream } from './redaction/response-redaction.js';
import { sendingBody } from './body/sending-body.js';
import { tenantMissing, tenantOf } from './tenant.js';

/** What a {@link DokStampInterceptor} works with. */
export interface InterceptorParts {
  readonly target: RequestTarget;
  readonly redirects: RedirectGuard;
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
    const redact = (error: unknown): unknown => redactError(error, this.parts.mask);
    instance.interceptors.request.use((config) => this.#prepare(config), null, {
      synchronous: true,
    });
    instance.interceptors.response.use(
      (response) => {
        if (response.config.responseType === 'stream') watchStream(response, redact);
        return response;
      },
      (error: unknown) => {
        throw redact(error);
      },
    );
  }

  #prepare(config: AxiosConfig): AxiosConfig {
    const { adapter, dokStamp } = config;
    const made = dokStamp?.body && new MadeBody(config, dokStamp.body);
    if (!made) config.data = asSendable(config.data);
    config.adapter = (settled) => {
      // What fails goes back to the app with this config, and may come again (axios-retry): as it came, then.
      settled.adapter = adapter;
      try {
        return this.#send(settled, adapter, made);
      } catch (error) {
        return Promise.reject(error);
      }
    };
    return config;
  }

  #send(
    config: AxiosConfig,
    option: AdapterOption,
    made: MadeBody | undefined,
  ): Promise<AxiosResponse> {
    const { target, redirects, authorized } = this.parts;
    const adapter = resolveAdapter(option, config);
    const path = target.pathOf(config);
    if (path === undefined) return sendingBody(adapter, config, made)(config);
    const send = sendingBody(redirects.guard(config, adapter), config, made);
    config.headers.set('Accept', 'application/json', false);
    config.headers.set('User-Agent', USER_AGENT, false);
    if (config.dokStamp?.skipAuth) return send(config);
    this.#addTenant(config, path);
    // Somebody else's authorization, and so somebody else's 401.
    if (config.headers.has('Authorization') || config.auth) return send(config);
    return authorized.send(config, send);
  }

  #addTenant(config: AxiosConfig, path: string): void {
    const own = config.headers.get('X-Tenant');
    const tenant = this.#tenantFor(config, own, path);
    if (tenant !== undefined) config.headers.set('X-Tenant', tenant);
    else if (!mayGoWithoutTenant(path)) throw tenantMissing(path);
    else if (typeof own === 'string') config.headers.delete('X-Tenant');
  }

  #tenantFor(config: AxiosConfig, own: unknown, path: string): string | undefined {
    try {
      return tenantOf(own, config.dokStamp?.tenant, this.parts.tenant);
    } catch (error) {
      throw isDokStampError(error) ? error : tenantMissing(path, error);
    }
  }
}
