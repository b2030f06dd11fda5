import type { SecretMask } from '../errors/secret-mask.js';
import { TokenService } from '../token/token.service.js';
import type { RenewOptions } from '../token/token.service.js';
import type { WaitOptions } from '../token/shared-flight.js';

/** The part of the token service that the HTTP room asks. */
export interface TokenSource {
  /** The token to send now, without a promise; undefined when it has to be waited for. */
  current(): string | undefined;
  getToken(options: WaitOptions): Promise<string>;
  invalidate(accessToken: string): void;
  /** Undefined where nothing can renew. */
  renew(options: RenewOptions): Promise<string | undefined>;
}

/**
 * The registered token service as a source. In a test it may be replaced, or its `getToken` spied on: whatever
 * stands in its place need have no more than `getToken`, and is asked for each request.
 */
export function tokenSourceOf(
  service: Pick<TokenService, 'getToken'> & Partial<TokenService>,
  mask: SecretMask,
): TokenSource {
  const genuine = () => service.getToken === TokenService.prototype.getToken;
  // The token room tells the mask its tokens; whoever stands in its place does not.
  const masked = <T extends string | undefined>(token: T): T => {
    if (typeof token === 'string') mask.add(token);
    return token;
  };
  return {
    current: () => (genuine() ? service.current?.() : undefined),
    getToken: async (options) => masked(await service.getToken(options)),
    invalidate: (accessToken) => void service.invalidate?.(accessToken),
    renew: async (options) => masked(await service.renew?.(options)),
  };
}
