import { Redis } from 'ioredis';
import type { TokenStore } from 'nestjs-dokstamp';
import { RedisTokenStore } from 'nestjs-dokstamp/redis';

/** The Redis through which the processes of this app share the token, where `REDIS_URL` names one. */
export class SharedStore {
  /** Without user and password. */
  readonly address: string;
  readonly tokenStore: TokenStore;
  private readonly client: Redis;

  private constructor(url: string) {
    this.address = new URL(url).host;
    this.client = new Redis(url);
    // The package tells, once, that the store cannot be used.
    this.client.on('error', () => {});
    this.tokenStore = new RedisTokenStore(this.client);
  }

  /** A blank variable counts as unset. */
  static ofEnvironment(): SharedStore | undefined {
    const url = process.env.REDIS_URL?.trim();
    return url ? new SharedStore(url) : undefined;
  }

  close(): void {
    this.client.disconnect();
  }
}
