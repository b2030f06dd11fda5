import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { Cluster as ValkeyCluster, Redis as Valkey } from 'iovalkey';
import * as node6 from 'redis';
import * as node5 from 'redis-5';
import { RedisTokenStore } from '../../../lib/redis/index.js';

const sentinel = { name: 'primary', sentinelRootNodes: [] };

/** Never called: the compiler says whether each client is taken without a cast. */
export function storesOnEveryClient(): RedisTokenStore[] {
  return [
    new RedisTokenStore(new Redis6()),
    new RedisTokenStore(new Cluster6([])),
    new RedisTokenStore(new Redis5()),
    new RedisTokenStore(new Cluster5([])),
    new RedisTokenStore(new Valkey()),
    new RedisTokenStore(new ValkeyCluster([])),
    new RedisTokenStore(node6.createClient()),
    new RedisTokenStore(node6.createCluster({ rootNodes: [] })),
    new RedisTokenStore(node6.createSentinel(sentinel)),
    new RedisTokenStore(node6.createClientPool()),
    new RedisTokenStore(node5.createClient()),
    new RedisTokenStore(node5.createCluster({ rootNodes: [] })),
    new RedisTokenStore(node5.createSentinel(sentinel)),
    new RedisTokenStore(node5.createClientPool()),
  ];
}
