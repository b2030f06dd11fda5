import type { TokenStore } from '../options/token-store.interface.js';
import { type RedisClient, isIoRedis, isNodeRedis } from './redis-client.js';

const DELETE_IF_EQUAL =
  "return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1]) or 0";

/**
 * How the keys are named.
 * @inline
 */
export interface RedisTokenStoreOptions {
  /**
   * Put before each key, after a prefix of the client's own.
   * @default 'dokstamp:'
   */
  prefix?: string | undefined;
}

/**
 * Shares tokens through Redis or Valkey, over the app's own client: `ioredis`, `iovalkey` or `redis` (node-redis),
 * single, Sentinel or Cluster. The client stays the app's: it is never connected, configured or closed here.
 */
export class RedisTokenStore implements TokenStore {
  readonly #client: RedisClient;
  readonly #prefix: string;

  /** @throws {TypeError} for what is none of these clients */
  constructor(client: RedisClient, { prefix = 'dokstamp:' }: RedisTokenStoreOptions = {}) {
    if (!isIoRedis(client) && !isNodeRedis(client)) {
      throw new TypeError('RedisTokenStore takes a client of ioredis, iovalkey or redis.');
    }
    this.#client = client;
    this.#prefix = prefix;
  }

  async read(key: string): Promise<string | undefined> {
    const value = await this.#client.get(this.#valueKey(key)).catch(emptyIfWrongType);
    // A client may be set to give buffers.
    return Buffer.isBuffer(value) ? value.toString() : ((value as string | null) ?? undefined);
  }

  async write(key: string, value: string, lifetimeMs: number): Promise<void> {
    const client = this.#client;
    await (isIoRedis(client)
      ? client.set(this.#valueKey(key), value, 'PX', lifetimeMs)
      : client.set(this.#valueKey(key), value, { expiration: { type: 'PX', value: lifetimeMs } }));
  }

  async lease(key: string, owner: string, lifetimeMs: number): Promise<boolean> {
    const client = this.#client;
    const taken = await (isIoRedis(client)
      ? client.set(this.#leaseKey(key), owner, 'PX', lifetimeMs, 'NX')
      : client.set(this.#leaseKey(key), owner, {
          expiration: { type: 'PX', value: lifetimeMs },
          condition: 'NX',
        }));
    return taken !== null && taken !== undefined;
  }

  async release(key: string, owner: string): Promise<void> {
    const client = this.#client;
    await (isIoRedis(client)
      ? client.eval(DELETE_IF_EQUAL, 1, this.#leaseKey(key), owner)
      : client.eval(DELETE_IF_EQUAL, { keys: [this.#leaseKey(key)], arguments: [owner] }));
  }

  // One hash tag for both, so that in a Cluster both are on one node; each command has one key.
  #valueKey(key: string): string {
    return `${this.#prefix}{${key}}`;
  }

  #leaseKey(key: string): string {
    return `${this.#prefix}{${key}}:lease`;
  }
}

// What is no string at all is no token: to be replaced, as the server does, and no failure of the server.
function emptyIfWrongType(error: unknown): string {
  if (String((error as Partial<Error>)?.message).startsWith('WRONGTYPE')) return '';
  throw error;
}
