import { orAborted } from '../../async/abort.js';
import { discard } from '../../async/discard.js';
import type { AxiosAdapter, AxiosConfig, AxiosResponse } from '../../axios/axios.types.js';
import { transformed } from '../../axios/transforms.js';
import { bodyNotReplayable } from '../../errors/body-not-replayable.js';
import { whileCallerWaits } from '../cancellation.js';
import { asSendable, useUp } from './one-shot.js';
import type { RequestBody } from './request-body.js';

// The methods for which axios names the type of a body that has none.
const TYPED_BY_DEFAULT: readonly unknown[] = ['post', 'put', 'patch'];

/** How a body is made. */
interface Recipe {
  readonly make: () => unknown;
  readonly transforms: AxiosConfig['transformRequest'];
  /** Whether the type is the request's own, not what the last body gave it. */
  readonly hasOwnType: boolean;
}

// By the function that the config carries from here on: it comes again where a request is retried by the app, whose
// retry library may have taken the transforms away, as they have run.
const recipes = new WeakMap<() => unknown, Recipe>();

/** Options by which a request that is sent again makes its body by this recipe. */
export function optionsWith(recipe: Recipe, options: AxiosConfig['dokStamp']) {
  const again = () => recipe.make();
  recipes.set(again, recipe);
  return { ...options, body: again };
}

/**
 * A body that is made anew for each send. It is made when it is sent, not before: while the token is waited for
 * nothing is opened, and the replay is made in the same way as the first send.
 */
export class MadeBody implements RequestBody {
  #isFirst = true;

  private constructor(
    private readonly recipe: Recipe,
    private ready?: { readonly data: unknown },
  ) {}

  /** By `dokStamp.body`; takes the body out of the hands of axios, in a request interceptor. */
  static byFactory(config: AxiosConfig, make: () => unknown): MadeBody {
    const hasOwnType = config.headers.has('Content-Type');
    const recipe = recipes.get(make) ?? { make, transforms: config.transformRequest, hasOwnType };
    config.dokStamp = optionsWith(recipe, config.dokStamp);
    Object.assign(config, { data: undefined, transformRequest: undefined });
    return new MadeBody(recipe);
  }

  /** By axios, of plain data, and once made already. */
  static byAxios(
    config: AxiosConfig,
    plain: unknown,
    transforms: AxiosConfig['transformRequest'],
  ): MadeBody {
    const recipe = { make: () => plain, transforms, hasOwnType: true };
    config.dokStamp = optionsWith(recipe, config.dokStamp);
    return new MadeBody(recipe, { data: config.data });
  }

  async send(config: AxiosConfig, adapter: AxiosAdapter): Promise<AxiosResponse> {
    const { headers } = config;
    // What the body and the adapter add to them is for this send alone.
    config.headers = headers.concat();
    try {
      await this.#make(config);
      useUp(config.data);
      this.#isFirst = false;
      return await adapter(config);
    } finally {
      config.headers = headers;
      // It may not have been read to its end, and would keep its file open.
      discard(config.data);
    }
  }

  async #make(config: AxiosConfig): Promise<void> {
    const { recipe, ready } = this;
    if (ready) {
      this.ready = undefined;
      return;
    }
    const data = asSendable(await this.#madeBy(recipe.make, config));
    if (!recipe.hasOwnType) config.headers.delete('Content-Type');
    Object.assign(config, { transformRequest: recipe.transforms });
    config.data = transformed(config, recipe.transforms, data);
    if (TYPED_BY_DEFAULT.includes(config.method)) {
      config.headers.set('Content-Type', 'application/x-www-form-urlencoded', false);
    }
  }

  /** Where the caller of a replay can have no body, the 401 is what it gets. */
  async #madeBy(make: () => unknown, config: AxiosConfig): Promise<unknown> {
    const made = Promise.resolve().then(make);
    try {
      return await whileCallerWaits(config, (signal) =>
        orAborted(made, signal, () => {
          made.then(
            (late) => discard(asSendable(late)),
            () => {},
          );
          return signal.reason;
        }),
      );
    } catch (error) {
      throw this.#isFirst ? error : bodyNotReplayable(error);
    }
  }
}
