import type { AxiosConfig } from '../../axios/axios.types.js';
import type { SecretMask } from '../../redaction/secret-mask.js';
import { TokenService } from '../../token/token.service.js';
import type { WaitOptions } from '../../token/wait.js';

/** What the HTTP service asks a token service for; one that stands in for it in a test need have no more than `getToken`. */
type AnyTokenService = Pick<TokenService, 'getToken'> & Partial<TokenService>;

// As they were when this package was loaded: a spy may sit on the class as well.
const GENUINE = {
  getToken: Reflect.get(TokenService.prototype, 'getToken') as unknown,
  renew: Reflect.get(TokenService.prototype, 'renew') as unknown,
};

// What the config of a request leads to, unseen where it is printed.
const kept = new WeakMap<AxiosConfig, object>();

/**
 * The registered token service, as the HTTP service sees it. In a test it may be replaced, or its `getToken` spied on:
 * what stands in its place is asked for each request.
 */
export class TokenSource {
  readonly #service: AnyTokenService;
  readonly #mask: SecretMask;

  constructor(service: AnyTokenService, mask: SecretMask) {
    this.#service = service;
    this.#mask = mask;
  }

  /** The token to send now, without a promise; undefined when it has to be waited for. */
  current(): string | undefined {
    return this.#service.getToken === GENUINE.getToken ? this.#service.current?.() : undefined;
  }

  async getToken(options: WaitOptions): Promise<string> {
    return this.#masked(await this.#service.getToken(options));
  }

  /** Whether the token comes from another process of a fleet. */
  isAdopted(accessToken: string): boolean {
    return this.#service.isAdopted?.(accessToken) === true;
  }

  invalidate(accessToken: string): void {
    this.#service.invalidate?.(accessToken);
  }

  /** The token after this one; undefined where nothing can renew. */
  async renew(refused: string, wait: WaitOptions): Promise<string | undefined> {
    const service = this.#service;
    const isGenuine = service.renew === GENUINE.renew;
    return this.#masked(
      await (isGenuine ? service.replace?.(refused, wait) : service.renew?.(wait)),
    );
  }

  /** Puts the token on the request. The mask knows it as long as the returned object can be reached. */
  authorize(config: AxiosConfig, token: string): object {
    // Not by set(), which goes through a token's many characters to clean them; the adapter does that anyway.
    config.headers['Authorization'] = `Bearer ${token}`;
    // What stands in for the token service may give anything.
    return typeof token === 'string' ? this.#mask.hold(token) : {};
  }

  // The genuine one tells the mask its tokens; what stands in its place does not.
  #masked<T extends string | undefined>(token: T): T {
    if (typeof token === 'string') this.#mask.add(token);
    return token;
  }
}

/** Takes the token off a request that has been sent: sent again by the app, it gets the token of its moment. */
export function withdraw({ headers }: AxiosConfig): void {
  delete headers['Authorization'];
}

/** Lets the config of a request hold this too, for as long as the app has the request's error or its stream. */
export function keepWith(config: AxiosConfig, held: object): void {
  kept.set(config, [kept.get(config), held]);
}
