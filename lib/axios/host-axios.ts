import { HttpService } from '@nestjs/axios';
import type {
  AdapterOption,
  AxiosAdapter,
  AxiosConfig,
  AxiosDefaults,
  AxiosError,
  AxiosInstance,
  AxiosStatics,
} from './axios.types.js';
import { knownFetch } from './sent-request.js';

/**
 * The axios that the host has installed, reached through its `@nestjs/axios`: importing axios here could load
 * a second copy of it, whose errors and types are not the host's.
 */
export const hostAxios = new HttpService().axiosRef as AxiosInstance & AxiosStatics;

/** The adapter of axios that uses Node.js' own http client. */
export const httpAdapter = resolveAdapter('http');

const HEADERS_BY_METHOD = [
  'common',
  // `query` is not in all versions of axios.
  ...['delete', 'get', 'head', 'patch', 'post', 'put', 'query'].filter((name) => name in hostAxios),
];

const isolated = createIsolated();

/**
 * An axios instance with these defaults, of which it keeps a copy (agents excepted), and with nothing that the app
 * has set on the global axios for others.
 */
export function createInstance(defaults: AxiosDefaults): AxiosInstance {
  const instance = isolated.create(defaults);
  const headers: Record<string, unknown> = { ...instance.defaults.headers };
  for (const name of HEADERS_BY_METHOD) {
    // As text it is a header of that name. What axios has not copied is no plain object, but AxiosHeaders.
    if (typeof headers[name] !== 'string') headers[name] = { ...(headers[name] as object) };
  }
  instance.defaults.headers = headers as typeof instance.defaults.headers;
  return instance;
}

function createIsolated(): AxiosInstance {
  const instance = hostAxios.create();
  const { defaults } = instance;
  // There is no other way to these. Copied when this package is loaded: what the app sets later is not in them.
  const { transitional, env, transformRequest, transformResponse } = defaults;
  for (const key of Object.keys(defaults)) Reflect.deleteProperty(defaults, key);
  Object.assign(defaults, {
    transitional,
    env: { ...env, fetch: knownFetch },
    transformRequest,
    transformResponse,
    adapter: httpAdapter,
    timeout: 0,
    maxContentLength: -1,
    maxBodyLength: -1,
    validateStatus: (status: number) => status >= 200 && status < 300,
  });
  return instance;
}

/** The URL that axios requests for this config, without the params. @throws for what is no URL */
export function requestedUrl({ url, baseURL, allowAbsoluteUrls }: AxiosConfig): URL {
  return new URL(isolated.getUri({ url, baseURL, allowAbsoluteUrls } as AxiosConfig));
}

/** The function behind an adapter's name, or behind the first usable one of a list. */
export function resolveAdapter(adapter: AdapterOption, config?: AxiosConfig): AxiosAdapter {
  return typeof adapter === 'function'
    ? (adapter as AxiosAdapter)
    : hostAxios.getAdapter(adapter, config);
}

/** Whether axios made this error: by its mark, since another copy of axios has another class. */
export function isAxiosError(error: unknown): error is AxiosError {
  return typeof error === 'object' && error !== null && 'isAxiosError' in error;
}
