import type { AxiosAdapter, AxiosConfig, AxiosResponse } from '../../axios/axios.types.js';
import { MadeBody } from './made-body.js';
import { asSendable, holdsOneShot, isOneShot, useUp } from './one-shot.js';

/** The body of one request, for each of its sends. */
export interface RequestBody {
  /** Sends the request with it. @throws {DokStampError} `body_not_replayable` */
  send(config: AxiosConfig, adapter: AxiosAdapter): Promise<AxiosResponse>;
}

/** Takes the body of a request before axios transforms it; undefined where axios needs no help to send it again. */
export function takeBody(config: AxiosConfig): RequestBody | undefined {
  if (config.dokStamp?.body) return MadeBody.byFactory(config, config.dokStamp.body);
  config.data = asSendable(config.data);
  if (isOneShot(config.data)) return ONE_SHOT;
  const isPlain = typeof config.data === 'object' && config.data !== null;
  return isPlain ? new PlainBody(config) : undefined;
}

/** The adapter, with the body on each send. */
export function withBody(adapter: AxiosAdapter, body: RequestBody | undefined): AxiosAdapter {
  return body ? (config) => body.send(config, adapter) : adapter;
}

/** A stream of the caller's. */
const ONE_SHOT: RequestBody = {
  async send(config, adapter) {
    useUp(config.data);
    return adapter(config);
  },
};

/** Data that axios has made bytes of, which can be sent again, or a form, which is made of the data again. */
class PlainBody implements RequestBody {
  readonly #data: unknown;
  readonly #transforms: AxiosConfig['transformRequest'];
  #form: RequestBody | undefined;

  constructor({ data, transformRequest }: AxiosConfig) {
    this.#data = data;
    this.#transforms = transformRequest;
  }

  send(config: AxiosConfig, adapter: AxiosAdapter): Promise<AxiosResponse> {
    if (!this.#form && !isOneShot(config.data)) return adapter(config);
    this.#form ??= this.#formOf(config);
    return this.#form.send(config, adapter);
  }

  #formOf(config: AxiosConfig): RequestBody {
    if (holdsOneShot(this.#data)) return ONE_SHOT;
    return MadeBody.byAxios(config, this.#data, this.#transforms);
  }
}
