import type { AccountKeys } from './account-keys.js';
import type { Lease } from './lease.js';
import type { OwnGrant, StoredToken } from './stored-token.js';

interface News {
  readonly keys: AccountKeys;
  readonly grant: OwnGrant;
  readonly lease: Lease;
}

/** Tells the others of a token that this process has got, at once or when the store can be used again. */
export class TokenNews {
  #untold: News | undefined;

  constructor(private readonly stored: StoredToken) {}

  /** Writes the token, unless the store has a newer one, and gives the lease back. Never throws. */
  async tell(keys: AccountKeys, grant: OwnGrant, lease: Lease): Promise<void> {
    const news: News = { keys, grant, lease };
    this.#untold = news;
    const isDone = lease.isHeld ? await this.stored.write(keys, grant) : await this.#tellLate(news);
    if (isDone && this.#untold === news) this.#untold = undefined;
    await lease.release();
  }

  /** The store can be used again. */
  tellAgain(): void {
    const news = this.#untold;
    if (news) void this.tell(news.keys, news.grant, news.lease);
  }

  /** Keeps what was not told yet to itself: all of it, or this token, which is dead. */
  forget(accessToken = this.#untold?.grant.accessToken): void {
    if (this.#untold?.grant.accessToken === accessToken) this.#untold = undefined;
  }

  // The lease may be another's by now, or have been: its token is not to be replaced by an older one.
  async #tellLate({ keys, grant, lease }: News): Promise<boolean> {
    await lease.release();
    const isTaken = await lease.take();
    if (!isTaken) return isTaken === false;
    const there = await this.stored.read(keys);
    const isNewer = there !== undefined && there.issuedAt >= grant.sentAt.wall;
    return isNewer || this.stored.write(keys, grant);
  }
}
