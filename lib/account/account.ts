import type { Use } from '../async/use.interface.js';
import type { DokStampHttpService } from '../http/dokstamp-http.service.js';
import { createHttpService } from '../http/http-service.factory.js';
import { type TokenServiceSetup, createTokenService } from './token-service.factory.js';
import type { TokenService } from '../token/token.service.js';

export interface AccountSetup extends TokenServiceSetup {
  /** Told of each call of the HTTP service. */
  readonly calls?: Use | undefined;
}

/** One account: its token service, the HTTP service that asks it, and their end. */
export interface Account {
  readonly tokens: TokenService;
  /** @param tokens what is asked for tokens: in a test it may be another than the account's own */
  http(tokens?: TokenService): DokStampHttpService;
  /** Plans the renewal ahead that `renewsAhead` left out. */
  plan(): void;
  /** No timer from here on. Tokens are still available. */
  stop(): void;
  /** Each call from here on, waiting ones included, rejects with `closed`. */
  close(): void;
}

/** Makes one account out of its checked options. */
export function createAccount(setup: AccountSetup): Account {
  const own = createTokenService(setup);
  return {
    tokens: own,
    http: (tokens = own) => createHttpService(setup.options, tokens, setup.calls),
    plan: () => own.plan(),
    stop: () => own.onModuleDestroy(),
    close: () => own.onApplicationShutdown(),
  };
}
