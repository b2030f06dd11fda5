/**
 * Where the processes of a fleet share the token of an account. It knows strings and nothing else: what they hold is
 * encrypted before it comes here, keys tell neither client id nor tenant, and each call has a time limit of its own.
 * So a store need guard nothing, and may fail in any way; `describeTokenStore` of `nestjs-dokstamp/testing` tests one.
 */
export interface TokenStore {
  /** The value under this key; undefined when there is none, or its lifetime is over. */
  read(key: string): Promise<string | undefined>;
  /** Puts a value under this key, in place of another, for `lifetimeMs` (a positive whole number). */
  write(key: string, value: string, lifetimeMs: number): Promise<void>;
  /**
   * Takes the lease on this key for `lifetimeMs`, in one step. It stands beside the value of the same key.
   * @returns false while anybody holds it, this owner included
   */
  lease(key: string, owner: string, lifetimeMs: number): Promise<boolean>;
  /** Gives the lease on this key back, in one step, if this owner still holds it; else does nothing. */
  release(key: string, owner: string): Promise<void>;
}
