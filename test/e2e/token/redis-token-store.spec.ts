import { describe, expect, it } from 'vitest';
import { RedisTokenStore } from '../../../lib/redis/index.js';
import type { IoRedisLike, NodeRedisLike } from '../../../lib/redis/redis-client.js';
import { describeTokenStore } from '../../../lib/testing/index.js';

/** The part of Redis that the store uses. `test/fleet/clients.spec.ts` runs the same rules on real servers. */
class MemoryRedis {
  readonly keys = new Map<string, { value: string; endsAt: number }>();

  #valueOf(key: string): string | null {
    const entry = this.keys.get(key);
    return entry && entry.endsAt > performance.now() ? entry.value : null;
  }

  async get(key: string): Promise<string | null> {
    return this.#valueOf(key);
  }

  async put(key: string, value: string, ms: number, onlyIfAbsent: boolean): Promise<'OK' | null> {
    if (onlyIfAbsent && this.#valueOf(key) !== null) return null;
    this.keys.set(key, { value, endsAt: performance.now() + ms });
    return 'OK';
  }

  async deleteIfEqual(key: string, value: string): Promise<number> {
    return Number(this.#valueOf(key) === value && this.keys.delete(key));
  }
}

function ioRedis(redis: MemoryRedis): IoRedisLike {
  return {
    defineCommand: () => undefined,
    call: () => undefined,
    get: (key) => redis.get(key),
    set: (key: string, value: string, _: 'PX', ms: number, condition?: 'NX') =>
      redis.put(key, value, ms, condition === 'NX'),
    eval: (_, __, key = '', value = '') => redis.deleteIfEqual(key, value),
  };
}

function nodeRedis(redis: MemoryRedis): NodeRedisLike {
  return {
    isOpen: true,
    sendCommand: () => undefined,
    get: (key) => redis.get(key),
    set: (key, value, { expiration, condition }) =>
      redis.put(key, value, expiration.value, condition === 'NX'),
    eval: (_, { keys: [key = ''], arguments: [value = ''] }) => redis.deleteIfEqual(key, value),
  };
}

describe.concurrent.each([
  ['ioredis', ioRedis],
  ['redis', nodeRedis],
])('RedisTokenStore with a client of the shape of %s', (_, clientOf) => {
  describeTokenStore(() => new RedisTokenStore(clientOf(new MemoryRedis())));

  it('puts its prefix before each key', async () => {
    const redis = new MemoryRedis();
    const store = new RedisTokenStore(clientOf(redis), { prefix: 'app:' });
    await store.write('key', 'text', 1_000);
    await store.lease('key', 'owner', 1_000);
    expect([...redis.keys.keys()]).toEqual(['app:{key}', 'app:{key}:lease']);
  });

  it('reads a value of another type as an empty text, which is replaced', async () => {
    const client = clientOf(new MemoryRedis());
    const get = () => Promise.reject(new Error('WRONGTYPE Operation against a key'));
    expect(await new RedisTokenStore({ ...client, get }).read('key')).toBe('');
  });
});

describe('RedisTokenStore', () => {
  it.each([undefined, null, {}, { get: () => {} }])('does not take %j as a client', (client) => {
    // @ts-expect-error JavaScript callers may pass anything.
    expect(() => new RedisTokenStore(client)).toThrow(TypeError);
  });
});
