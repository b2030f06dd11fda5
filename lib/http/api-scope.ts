import type { AxiosConfig, AxiosInstance } from '../axios/axios.types.js';
import { requestedUrl } from '../axios/host-axios.js';

// A relative path of harmless characters: nothing in it can leave the base URL.
const PLAIN_PATH = /^\/?[\w-]+(?:\/[\w-]+)*$/;

const PUBLIC_OF_TENANT = /^\/(?:auth\/.+|files\/[^/]+\/download)$/;

/** Which requests are ours: those to the base URL's origin, at or below its path. Fails closed. */
export class ApiScope {
  readonly #origin: string;
  readonly #below: string;

  constructor(
    private readonly instance: AxiosInstance,
    private readonly baseURL: string,
  ) {
    const { origin, pathname } = new URL(baseURL);
    this.#origin = origin;
    this.#below = pathname.replace(/\/*$/, '/');
  }

  /** The path below the base URL, normalised, with a leading slash; undefined when the request is not ours. */
  pathOf(config: AxiosConfig): string | undefined {
    const { url = '', baseURL } = config;
    if (config.socketPath !== this.instance.defaults.socketPath) return undefined;
    if (baseURL === this.baseURL && PLAIN_PATH.test(url))
      return url.startsWith('/') ? url : `/${url}`;
    return this.#belowBase(urlOf(config));
  }

  /** Whether this URL has the base URL's origin; what is no URL has not. */
  isSameOrigin(url: string): boolean {
    return URL.canParse(url) && new URL(url).origin === this.#origin;
  }

  #belowBase(url: URL | undefined): string | undefined {
    if (!url || url.origin !== this.#origin || url.username || url.password) return undefined;
    if (`${url.pathname}/` === this.#below) return '/';
    if (!url.pathname.startsWith(this.#below)) return undefined;
    const { pathname } = new URL(this.#origin + withPlainDots(url.pathname));
    return pathname.startsWith(this.#below) ? pathname.slice(this.#below.length - 1) : undefined;
  }
}

// A server that decodes %2f and %5c before it resolves dots is led to that path.
function withPlainDots(pathname: string): string {
  return pathname.replace(/%(?:25)*2f|%(?:25)*5c/gi, '/').replace(/%(?:25)+2e/gi, '.');
}

/** Whether a request to this path may go without a tenant: `/auth/*` and public downloads. */
export function mayGoWithoutTenant(path: string): boolean {
  return PUBLIC_OF_TENANT.test(path);
}

// Asked from axios itself, so that baseURL and allowAbsoluteUrls count as they will when it sends.
function urlOf(config: AxiosConfig): URL | undefined {
  try {
    return requestedUrl(config);
  } catch {
    return undefined;
  }
}
