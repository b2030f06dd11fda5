import type { AxiosAdapter, AxiosConfig } from '../../axios/axios.types.js';
import type { MadeBody } from './made-body.js';
import { isReadOnce, useUp } from './request-body.js';

/** The adapter, with a body that is made for each send, and that is sent once only where it can be read once only. */
export function sendingBody(
  adapter: AxiosAdapter,
  { data }: AxiosConfig,
  made: MadeBody | undefined,
): AxiosAdapter {
  if (!made && !isReadOnce(data)) return adapter;
  return (config) => {
    made?.makeFor(config);
    useUp(config.data);
    return adapter(config);
  };
}
