import type { SecretMask } from '../errors/secret-mask.js';
import { TokenService } from '../token/token.service.js';
import type { RenewOptions } from '../token/token.service.js';
import type { WaitOptions } from '../token/shared-flight.js';

/** What the HTTP room asks a token service for; one that stands in for it in a test need have no more than `getToken`. */
type AnyTokenService = Pick<TokenService, 'getToken'> & Partial<TokenService>;

// As it was when this package was loaded: a spy may sit on the class as well.
const GENUINE: unknown = Reflect.get(TokenService.prototype, 'getToken');

/**
 * The registered token service, as the HTTP room sees it. In a test it may be replaced, or its `getToken` spied on:
 * whatever stands in its place is asked for each request.
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
    return this.#service.getToken === GENUINE ? this.#service.current?.() : undefined;
  }

  async getToken(options: WaitOptions): Promise<string> {
    return this.#masked(await this.#service.getToken(options));
  }

  invalidate(accessToken: string): void {
    this.#service.invalidate?.(accessToken);
  }

  /** Undefined where nothing can renew. */
  async renew(options: RenewOptions): Promise<string | undefined> {
    return this.#masked(await this.#service.renew?.(options));
  }

  // The token room tells the mask its tokens; whoever stands in its place does not.
  #masked<T extends string | undefined>(token: T): T {
    if (typeof token === 'string') this.#mask.add(token);
    return token;
  }
}
