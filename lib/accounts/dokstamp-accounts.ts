import { setImmediate as turn } from 'node:timers/promises';
import type { OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { type Observable, Subject } from 'rxjs';
import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import { closedError } from '../token/wait.js';
import { AccountCache } from './account-cache.js';
import { AccountResolver } from './account-resolver.js';
import type { AccountEvent, AccountsHealth, DokStampAccount } from './accounts.interface.js';
import { healthOf } from './accounts-health.js';
import type { ResolvedAccountsOptions } from './accounts-options.js';
import { KeptAccount } from './kept-account.js';
import { RetiredAccounts } from './retired-accounts.js';

/**
 * The accounts of many customers, each with a pair of its own, made when a request comes in. Two keys share no token,
 * tenant, gate or hold-back.
 *
 * @example
 * ```ts
 * // with `@Injectable()`
 * export class CertificatesService {
 *   constructor(private readonly accounts: DokStampAccounts) {}
 *
 *   async issued(university: string) {
 *     const { http } = await this.accounts.get(university);
 *     const { data } = await http.axiosRef.get('/certificates', { params: { where: { status: 'issued' } } });
 *     return data.data;
 *   }
 * }
 * ```
 */
export class DokStampAccounts implements OnModuleDestroy, OnApplicationShutdown {
  /** What happens to the tokens of the accounts that are kept, from subscription on; completes at shutdown. */
  readonly events$: Observable<AccountEvent>;
  readonly #events = new Subject<AccountEvent>();
  readonly #resolver: AccountResolver;
  readonly #cache: AccountCache;
  readonly #retired = new RetiredAccounts();
  // Of their own: the host's registry would hold the timers of a thousand accounts.
  readonly #registry = new SchedulerRegistry();
  readonly #pending = new Map<string, Promise<DokStampAccount>>();
  readonly #closing = new AbortController();
  #isStopping = false;

  /** @internal */
  constructor(options: ResolvedAccountsOptions) {
    this.events$ = this.#events.asObservable();
    this.#resolver = new AccountResolver(options);
    this.#cache = new AccountCache(options, (account) => this.#retired.add(account));
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** How many accounts are kept now. */
  get size(): number {
    return this.#cache.size;
  }

  /**
   * The account with this key; one that is not kept is made of what `resolve` gives. No token is asked for before its
   * first use.
   * @throws {DokStampError} `account_unknown` where `resolve` gives nothing; `credentials_unavailable` where it throws,
   * or has not answered within `tokenTimeout`;
   * `closed` after shutdown
   * @throws {DokStampConfigError} for a key that is no non-empty string, and for wrong options of the account
   */
  get(key: string): Promise<DokStampAccount> {
    const kept = this.#isClosed ? undefined : this.#cache.get(key);
    if (!kept || kept.isOutdated) return this.#make(key);
    kept.touch();
    return kept.promise;
  }

  /** Whether the account with this key is kept now. */
  has(key: string): boolean {
    return this.#cache.has(key);
  }

  /**
   * Forgets the account with this key: the next `get` resolves it anew. Calls that are under way go on.
   * @returns whether there was one
   */
  async delete(key: string): Promise<boolean> {
    if (!isKey(key)) throw notAKey('delete');
    const wasPending = this.#pending.delete(key);
    return this.#cache.delete(key) || wasPending;
  }

  /** How the accounts are that are kept now: how many of each kind, and those that are not well. Asks nobody anything. */
  health(): AccountsHealth {
    return healthOf(
      this.#cache.values().map(({ key, account }) => [key, account.tokens.status] as const),
    );
  }

  /** Called by Nest. */
  onModuleDestroy(): void {
    this.#isStopping = true;
    this.#cache.stop();
    for (const kept of this.#cache.values()) kept.stop();
  }

  /** Called by Nest. */
  onApplicationShutdown(): void {
    this.#closing.abort();
    this.#cache.stop();
    for (const kept of this.#cache.values()) kept.close();
    this.#retired.close();
    this.#events.complete();
  }

  async #make(key: string): Promise<DokStampAccount> {
    if (!isKey(key)) throw notAKey('get');
    if (this.#isClosed) throw closedError(undefined);
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const making = this.#resolved(key, () => this.#pending.get(key) === making);
    this.#pending.set(key, making);
    try {
      return await making;
    } finally {
      if (this.#pending.get(key) === making) this.#pending.delete(key);
    }
  }

  /** @param isWanted whether nobody has deleted the key meanwhile */
  async #resolved(key: string, isWanted: () => boolean): Promise<DokStampAccount> {
    const outdated = () => this.#cache.outdate(kept);
    const options = await this.#resolver.resolve(key, this.#closing.signal, outdated);
    while (!this.#cache.mayAdd) await turn();
    if (this.#isClosed) throw closedError(undefined);
    const kept: KeptAccount = new KeptAccount({
      key,
      options,
      registry: this.#registry,
      changed: (account, isInUse) => this.#cache.changed(account, isInUse),
      renewed: (account) => this.#cache.renewed(account),
      tell: (event) => this.#events.next(event),
    });
    // No timer any more; tokens can still be had.
    if (this.#isStopping) kept.stop();
    if (isWanted()) this.#cache.add(kept);
    else this.#retired.add(kept);
    return kept.account;
  }
}

function isKey(key: unknown): boolean {
  return typeof key === 'string' && key !== '';
}

function notAKey(call: string): DokStampConfigError {
  return new DokStampConfigError([
    `${call}(key) of DokStampAccounts takes a non-empty string: pass the key of the customer`,
  ]);
}
