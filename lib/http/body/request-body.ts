import type { AxiosAdapter, AxiosConfig } from '../../axios/axios.types.js';
import { transformed } from '../../axios/transforms.js';
import { MadeBody } from './made-body.js';
import { asSendable, isOneShot, useUp } from './one-shot.js';

/** The body of one request, for each of its sends. */
export interface RequestBody {
  /** Whether another send can have the same body. */
  readonly isReplayable: boolean;
  /** Makes the config ready for a send. @throws {DokStampError} `body_not_replayable` */
  prepare(config: AxiosConfig): void | Promise<void>;
}

/** Takes the body of a request before axios transforms it; undefined where axios needs no help to send it again. */
export function takeBody(config: AxiosConfig): RequestBody | undefined {
  if (config.dokStamp?.body) return new MadeBody(config, config.dokStamp.body);
  config.data = asSendable(config.data);
  if (isOneShot(config.data)) return ONE_SHOT;
  const isPlain = typeof config.data === 'object' && config.data !== null;
  return isPlain ? new PlainBody(config) : undefined;
}

/** The adapter, with the config made ready for each send. */
export function withBody(adapter: AxiosAdapter, body: RequestBody | undefined): AxiosAdapter {
  if (!body) return adapter;
  return (config) => {
    const preparing = body.prepare(config);
    return preparing ? preparing.then(() => adapter(config)) : adapter(config);
  };
}

/** A stream of the caller's. */
const ONE_SHOT: RequestBody = {
  isReplayable: false,
  prepare: ({ data }) => useUp(data),
};

/** Data that axios has made bytes of, which can be sent again, or a form, which is made of the data again. */
class PlainBody implements RequestBody {
  readonly isReplayable = true;
  readonly #data: unknown;
  readonly #transforms: AxiosConfig['transformRequest'];
  #isFirst = true;

  constructor({ data, transformRequest }: AxiosConfig) {
    this.#data = data;
    this.#transforms = transformRequest;
  }

  prepare(config: AxiosConfig): void {
    if (!this.#isFirst && isOneShot(config.data)) {
      config.data = transformed(config, this.#transforms, this.#data);
    }
    this.#isFirst = false;
    useUp(config.data);
  }
}
