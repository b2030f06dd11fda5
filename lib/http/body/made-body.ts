import { Readable } from 'node:stream';
import type { AxiosConfig, AxiosHeaders } from '../../axios/axios.types.js';
import { transformed } from '../../axios/transforms.js';
import { asSendable, useUp } from './one-shot.js';
import type { RequestBody } from './request-body.js';

type Transforms = AxiosConfig['transformRequest'];

// The methods for which axios names the type of a body that has none.
const TYPED_BY_DEFAULT: readonly unknown[] = ['post', 'put', 'patch'];

/** What a body factory needs besides itself. */
interface Recipe {
  readonly transforms: Transforms;
  readonly hasOwnType: boolean;
}

// By the function that the config carries from here on: it comes again where a request is retried by the app, whose
// retry library may have taken the transforms away, as they have run.
const recipes = new WeakMap<() => unknown, Recipe>();

/**
 * The body of a request with `dokStamp.body`. It is made when it is sent, not before: while the token is waited for
 * nothing is opened, and the replay is made in the same way as the first send.
 */
export class MadeBody implements RequestBody {
  readonly isReplayable = true;
  readonly #make: () => unknown;
  readonly #recipe: Recipe;
  #headers: AxiosHeaders | undefined;

  /** Takes the body out of the hands of axios, in a request interceptor. */
  constructor(config: AxiosConfig, make: () => unknown) {
    const hasOwnType = config.headers.has('Content-Type');
    this.#recipe = recipes.get(make) ?? { transforms: config.transformRequest, hasOwnType };
    this.#make = make;
    const again = () => make();
    recipes.set(again, this.#recipe);
    config.dokStamp = { ...config.dokStamp, body: again };
    config.data = undefined;
    config.transformRequest = undefined;
  }

  /** Gives the config a new body, and the headers as they were before the last one had its say in them. */
  async prepare(config: AxiosConfig): Promise<void> {
    // The last one may not have been read to its end, and would keep its file open.
    if (config.data instanceof Readable) config.data.destroy();
    const authorization = config.headers.get('Authorization');
    this.#headers ??= this.#headersBeforeBody(config);
    config.headers = this.#headers.concat();
    if (authorization !== undefined) config.headers.set('Authorization', authorization as string);
    config.transformRequest = this.#recipe.transforms;
    config.data = transformed(config, this.#recipe.transforms, asSendable(await this.#make()));
    if (TYPED_BY_DEFAULT.includes(config.method)) {
      config.headers.set('Content-Type', 'application/x-www-form-urlencoded', false);
    }
    useUp(config.data);
  }

  #headersBeforeBody({ headers }: AxiosConfig): AxiosHeaders {
    const before = headers.concat();
    if (!this.#recipe.hasOwnType) before.delete('Content-Type');
    return before;
  }
}
