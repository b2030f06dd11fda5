import { Readable } from 'node:stream';
import type { AxiosConfig, AxiosHeaders } from '../../axios/axios.types.js';
import { transformed } from '../../axios/transforms.js';
import { asSendable } from './request-body.js';

// The methods for which axios names the type of a body that has none.
const TYPED_BY_DEFAULT: readonly unknown[] = ['post', 'put', 'patch'];

/**
 * The body of a request with `dokStamp.body`. It is made when it is sent, not before: while the token is waited for
 * nothing is opened, and the replay is made in the same way as the first send.
 */
export class MadeBody {
  readonly #make: () => unknown;
  readonly #transforms: AxiosConfig['transformRequest'];
  readonly #hasOwnType: boolean;
  #headers: AxiosHeaders | undefined;

  /** Takes the body out of the hands of axios, in a request interceptor. */
  constructor(config: AxiosConfig, make: () => unknown) {
    this.#make = make;
    this.#transforms = config.transformRequest;
    this.#hasOwnType = config.headers.has('Content-Type');
    config.data = undefined;
    config.transformRequest = undefined;
  }

  /** Gives the config a new body, and the headers as they were before the last one had its say in them. */
  makeFor(config: AxiosConfig): void {
    // The last one may not have been read to its end, and would keep its file open.
    if (config.data instanceof Readable) config.data.destroy();
    const authorization = config.headers.get('Authorization');
    this.#headers ??= this.#headersBeforeBody(config);
    config.headers = this.#headers.concat();
    if (authorization !== undefined) config.headers.set('Authorization', authorization as string);
    config.transformRequest = this.#transforms;
    config.data = transformed(config, this.#transforms, asSendable(this.#make()));
    if (TYPED_BY_DEFAULT.includes(config.method)) {
      config.headers.set('Content-Type', 'application/x-www-form-urlencoded', false);
    }
  }

  #headersBeforeBody({ headers }: AxiosConfig): AxiosHeaders {
    const before = headers.concat();
    if (!this.#hasOwnType) before.delete('Content-Type');
    return before;
  }
}
