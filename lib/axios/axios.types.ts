import type { HttpService } from '@nestjs/axios';
import type { DokStampRequestOptions } from '../options/dokstamp-request-options.interface.js';

// axios has one set of types for import and another for require, and they do not mix. Taken from HttpService,
// these are always the ones that the host's @nestjs/axios speaks.

export type AxiosInstance = HttpService['axiosRef'];

type RequestInterceptor = NonNullable<
  Parameters<AxiosInstance['interceptors']['request']['use']>[0]
>;
type ResponseInterceptor = NonNullable<
  Parameters<AxiosInstance['interceptors']['response']['use']>[0]
>;

export type AxiosConfig = Parameters<RequestInterceptor>[0] & {
  dokStamp?: DokStampRequestOptions | undefined;
};
export type AxiosResponse = Parameters<ResponseInterceptor>[0];
export type AxiosHeaders = AxiosConfig['headers'];
export type AxiosDefaults = NonNullable<Parameters<AxiosInstance['create']>[0]>;
export type AdapterOption = AxiosInstance['defaults']['adapter'];
export type AxiosAdapter = (config: AxiosConfig) => Promise<AxiosResponse>;

/** What is read of an `AxiosError`; a canceled request's error has the same members. */
export interface AxiosError extends Error {
  code?: string;
  config?: AxiosConfig;
  request?: unknown;
  response?: AxiosResponse;
}

/** The statics of the axios function that this package uses. */
export interface AxiosStatics {
  getAdapter(adapter: AdapterOption, config?: object): AxiosAdapter;
  AxiosHeaders: { from(headers: unknown): AxiosHeaders };
  CanceledError: new (message?: string, config?: AxiosConfig) => AxiosError;
  AxiosError: new (
    message: string,
    code: string,
    config?: AxiosConfig,
    request?: unknown,
    response?: AxiosResponse,
  ) => AxiosError;
}
