import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Subscription } from 'rxjs';
import type { Use } from '../async/use.interface.js';
import { createHttpService } from '../http/http-service.factory.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { createTokenService } from '../token/token-service.factory.js';
import type { AccountEvent, DokStampAccount } from './accounts.interface.js';

export interface KeptAccountSetup {
  readonly key: string;
  readonly options: ResolvedOptions;
  readonly registry: SchedulerRegistry;
  /** Told when the account begins to be in use, and when it is idle again. */
  readonly changed: (account: KeptAccount, isInUse: boolean) => void;
  readonly tell: (event: AccountEvent) => void;
}

/** The account of one key, with what has to be known to let it go. */
export class KeptAccount {
  readonly account: DokStampAccount;
  /** Made once, as it is asked for at each use. */
  readonly promise: Promise<DokStampAccount>;
  readonly #changed: KeptAccountSetup['changed'];
  readonly #events: Subscription;
  #uses = 0;
  #isUsed = true;

  constructor({ key, options, registry, changed, tell }: KeptAccountSetup) {
    this.#changed = changed;
    const tokens = createTokenService({
      options,
      registry,
      use: { begin: () => this.#begin(), end: () => this.#end() },
      renewsAhead: () => this.#takeUsed(),
    });
    const calls: Use = {
      begin: () => {
        this.touch();
        this.#begin();
      },
      end: () => this.#end(),
    };
    this.account = { key, tokens, http: createHttpService(options, tokens, calls) };
    this.promise = Promise.resolve(this.account);
    this.#events = tokens.events$.subscribe((event) => tell({ ...event, key }));
  }

  get key(): string {
    return this.account.key;
  }

  /** Somebody uses it; a renewal that nobody waits for is no use. */
  touch(): void {
    this.#isUsed = true;
  }

  /** It is kept no more: no timer and no event of it from here on. Whoever still holds it can go on with it. */
  retire(): void {
    this.#events.unsubscribe();
    this.account.tokens.onModuleDestroy();
  }

  /** The application has shut down. */
  close(): void {
    this.#events.unsubscribe();
    this.account.tokens.onApplicationShutdown();
  }

  #begin(): void {
    if (this.#uses++ === 0) this.#changed(this, true);
  }

  #end(): void {
    if (--this.#uses === 0) this.#changed(this, false);
  }

  // An account that nobody has used since its last renewal is not renewed ahead again.
  #takeUsed(): boolean {
    const wasUsed = this.#isUsed;
    this.#isUsed = false;
    return wasUsed;
  }
}
