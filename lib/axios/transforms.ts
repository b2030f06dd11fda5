import type { AxiosConfig } from './axios.types.js';

/** Runs the transforms over a body or an answer, as axios does before and after its adapter. */
export function transformed(
  config: AxiosConfig,
  transforms: AxiosConfig['transformRequest'] | AxiosConfig['transformResponse'],
  data: unknown,
  status?: number,
): unknown {
  const list = transforms === undefined ? [] : [transforms].flat();
  return list.reduce<unknown>(
    (body, transform) => transform.call(config, body, config.headers, status),
    data,
  );
}
