import { Redis } from 'ioredis';
import type { TokenStore } from 'nestjs-dokstamp';
import { RedisTokenStore } from 'nestjs-dokstamp/redis';
import { SetupError } from '../failures/setup.error.js';

/** The Redis through which the processes of this app share the token, where `REDIS_URL` names one. */
export class SharedStore {
  /** Without user and password. */
  readonly address: string;
  readonly tokenStore: TokenStore;
  private readonly client: Redis;

  private constructor(url: string) {
    const address = URL.canParse(url) ? new URL(url) : undefined;
    // Not told: it may hold a password.
    if (!address?.host) throw new SetupError('REDIS_URL is not like redis://127.0.0.1:6379.');
    this.address = address.host;
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
