import { type Account, createAccount } from '../account/account.js';
import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Subscription } from 'rxjs';
import { SYSTEM_CLOCK } from '../async/clock.js';
import type { Use } from '../async/use.interface.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { AccountEvent, DokStampAccount } from './accounts.interface.js';

export interface KeptAccountSetup {
  readonly key: string;
  readonly options: ResolvedOptions;
  readonly registry: SchedulerRegistry;
  /** Told when the account begins to be in use, and when it is idle again. */
  readonly changed: (account: KeptAccount, isInUse: boolean) => void;
  /** Told when a renewal that nobody waited for is over. */
  readonly renewed: (account: KeptAccount) => void;
  readonly tell: (event: AccountEvent) => void;
}

/** The account of one key, with what has to be known to let it go. */
export class KeptAccount {
  readonly account: DokStampAccount;
  /** Made once, as it is asked for at each use. */
  readonly promise: Promise<DokStampAccount>;
  /** Whether the next `get` is to make it anew: `resolve` has given other options meanwhile, or none. */
  isOutdated = false;
  readonly #made: Account;
  readonly #changed: KeptAccountSetup['changed'];
  readonly #events: Subscription;
  #uses = 0;
  #isRenewing = false;
  // Since its last renewal. One that failed is none: what it was made for is still wanted.
  #isUsed = true;
  // A renewal that was due has been left out.
  #isLeftOut = false;
  #usedAt = SYSTEM_CLOCK.monotonic();

  constructor({ key, options, registry, changed, renewed, tell }: KeptAccountSetup) {
    this.#changed = changed;
    const calls: Use = {
      begin: () => {
        this.touch();
        this.#begin();
      },
      end: () => {
        this.touch();
        this.#end();
      },
    };
    const tokenRequests: Use = {
      begin: (isAhead) => {
        if (isAhead) return this.#beginRenewal();
        this.touch();
        this.#begin();
      },
      end: () => {
        if (!this.#isRenewing) return this.#end();
        this.#isRenewing = false;
        renewed(this);
      },
    };
    this.#made = createAccount({
      options,
      registry,
      use: tokenRequests,
      calls,
      renewsAhead: () => this.#renewsAhead(),
    });
    const { tokens } = this.#made;
    this.account = { key, tokens, http: this.#made.http() };
    this.promise = Promise.resolve(this.account);
    this.#events = tokens.events$.subscribe((event) => {
      if ('error' in event) this.#isUsed = true;
      tell({ ...event, key });
    });
  }

  get key(): string {
    return this.account.key;
  }

  /** Whether a call, or a token request that somebody waits for, is under way. */
  get isInUse(): boolean {
    return this.#uses > 0;
  }

  /** Whether a renewal that nobody waits for is under way: no use, but not to be closed either. */
  get isRenewing(): boolean {
    return this.#isRenewing;
  }

  /** When it was used last, in monotonic ms. */
  get usedAt(): number {
    return this.#usedAt;
  }

  /** Somebody uses it; a renewal that nobody waits for is no use. */
  touch(): void {
    this.#isUsed = true;
    this.#usedAt = SYSTEM_CLOCK.monotonic();
    if (!this.#isLeftOut) return;
    this.#isLeftOut = false;
    this.#made.plan();
  }

  /** No timer of it from here on; tokens can still be had. */
  stop(): void {
    this.#made.stop();
  }

  /** It is kept no more: no timer and no event of it from here on. Whoever still holds it can go on with it. */
  retire(): void {
    this.#events.unsubscribe();
    this.#made.stop();
  }

  /** The application has shut down. */
  close(): void {
    this.#events.unsubscribe();
    this.#made.close();
  }

  #begin(): void {
    if (this.#uses++ === 0) this.#changed(this, true);
  }

  #end(): void {
    if (--this.#uses === 0) this.#changed(this, false);
  }

  #beginRenewal(): void {
    this.#isUsed = false;
    this.#isRenewing = true;
  }

  // An account that nobody has used since its last renewal is not renewed ahead again, until it is used.
  #renewsAhead(): boolean {
    this.#isLeftOut = !this.#isUsed;
    return this.#isUsed;
  }
}
