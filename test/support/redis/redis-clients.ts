import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { Cluster as ValkeyCluster, Redis as Valkey } from 'iovalkey';
import * as node6 from 'redis';
import * as node5 from 'redis-5';
import type { RedisClient } from '../../../lib/redis/index.js';

/** A client of the app. */
export interface TestedClient extends AsyncDisposable {
  readonly client: RedisClient;
}

/** One client library, and how an app makes its clients. */
export interface ClientLibrary {
  readonly name: string;
  single(port: number, options?: object): Promise<TestedClient>;
  cluster(ports: number[]): Promise<TestedClient>;
  sentinel(port: number): Promise<TestedClient>;
}

// One type for all of them, as their own overloads differ.
const io = (name: string, Single: typeof Redis6, Cluster: typeof Cluster6): ClientLibrary => {
  const tested = (client: Redis6 | Cluster6) => {
    // An app listens too; without it each reconnect is printed.
    client.on('error', () => {});
    return { client, [Symbol.asyncDispose]: async () => client.disconnect() };
  };
  return {
    name,
    single: async (port, options = {}) => tested(new Single({ port, ...options })),
    cluster: async (ports) =>
      tested(new Cluster(ports.map((port) => ({ host: '127.0.0.1', port })))),
    sentinel: async (port) =>
      tested(new Single({ sentinels: [{ host: '127.0.0.1', port }], name: 'primary' })),
  };
};

const node = (name: string, library: typeof node6): ClientLibrary => {
  const tested = async (
    client: RedisClient & {
      connect(): Promise<unknown>;
      destroy(): unknown;
      on(event: 'error', listener: () => void): unknown;
    },
  ) => {
    client.on('error', () => {});
    await client.connect();
    return { client, [Symbol.asyncDispose]: async () => void client.destroy() };
  };
  return {
    name,
    single: (port, options = {}) =>
      tested(library.createClient({ socket: { host: '127.0.0.1', port }, ...options })),
    cluster: (ports) => {
      const rootNodes = ports.map((port) => ({ url: `redis://127.0.0.1:${port}` }));
      return tested(library.createCluster({ rootNodes }));
    },
    sentinel: (port) =>
      tested(
        library.createSentinel({
          name: 'primary',
          sentinelRootNodes: [{ host: '127.0.0.1', port }],
        }),
      ),
  };
};

/** Every client that RedisTokenStore takes. */
export const LIBRARIES: readonly ClientLibrary[] = [
  io('ioredis 6', Redis6, Cluster6),
  io('ioredis 5', Redis5 as unknown as typeof Redis6, Cluster5 as unknown as typeof Cluster6),
  io('iovalkey', Valkey as unknown as typeof Redis6, ValkeyCluster as unknown as typeof Cluster6),
  node('redis 6', node6),
  node('redis 5', node5 as unknown as typeof node6),
];
