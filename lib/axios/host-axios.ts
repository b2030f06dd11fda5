import { HttpService } from '@nestjs/axios';
import { sealAgents } from '../redaction/opaque-agent.js';
import type {
  AdapterOption,
  AxiosAdapter,
  AxiosConfig,
  AxiosDefaults,
  AxiosError,
  AxiosInstance,
  AxiosStatics,
} from './axios.types.js';
import { shortenAliases } from './method-aliases.js';

/**
 * The axios that the host has installed, reached through its `@nestjs/axios`: importing axios here could load
 * a second copy of it, whose errors and types are not the host's.
 */
export const hostAxios = new HttpService().axiosRef as AxiosInstance & AxiosStatics;

// Made when this package is loaded, before an app has changed the defaults of the global one for others.
const pristine = hostAxios.create();

const METHODS = ['common', 'delete', 'get', 'head', 'patch', 'post', 'put', 'query'];

/**
 * An axios instance with these defaults, without the headers that axios or the app have put on the global one:
 * what each request needs is set late, which costs less than defaults that are merged into it.
 */
export function createInstance(defaults: AxiosDefaults): AxiosInstance {
  const instance = pristine.create(defaults);
  const byMethod = Object.fromEntries(METHODS.map((method) => [method, {}]));
  instance.defaults.headers = {
    ...byMethod,
    ...Object.fromEntries(Object.entries(defaults.headers ?? {})),
  } as typeof instance.defaults.headers;
  // What the app set on the global axios for others would make our requests somebody else's.
  for (const key of ['auth', 'params'] as const) {
    if (!(key in defaults)) delete instance.defaults[key];
  }
  // The usual list of names is looked through once; a choice of the app may depend on each request's `env`.
  if (!('adapter' in defaults))
    instance.defaults.adapter = resolveAdapter(instance.defaults.adapter);
  sealAgents(instance.defaults);
  shortenAliases(instance);
  return instance;
}

/** The function behind an adapter's name, or behind the first usable one of a list. */
export function resolveAdapter(adapter: AdapterOption, config?: AxiosConfig): AxiosAdapter {
  return typeof adapter === 'function'
    ? (adapter as AxiosAdapter)
    : hostAxios.getAdapter(adapter, config);
}

const httpAdapter = resolveAdapter('http');

/** Whether this adapter is the one of axios that uses fetch. */
export function isFetchAdapter(adapter: AxiosAdapter, config: AxiosConfig): boolean {
  if (adapter === httpAdapter) return false;
  try {
    return adapter === hostAxios.getAdapter('fetch', config);
  } catch {
    // Before 1.7 axios had none.
    return false;
  }
}

/** Whether axios made this error: by its mark, since another copy of axios has another class. */
export function isAxiosError(error: unknown): error is AxiosError {
  return typeof error === 'object' && error !== null && 'isAxiosError' in error;
}
