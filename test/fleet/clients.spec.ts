import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisClient, RedisTokenStore } from '../../lib/redis/index.js';
import { describeTokenStore } from '../../lib/testing/index.js';
import { LIBRARIES, type TestedClient } from '../support/redis/redis-clients.js';
import {
  type RedisServer,
  SERVERS,
  startCluster,
  startRedis,
  startSentinel,
} from '../support/redis/redis-server.js';

describe.skipIf(SERVERS.length === 0).concurrent('RedisTokenStore', () => {
  for (const command of SERVERS) {
    describe(`on ${command}`, () => {
      let server: RedisServer;
      beforeAll(async () => void (server = await startRedis([], { command })));
      afterAll(() => server.stop());

      for (const library of LIBRARIES) {
        describe(`with ${library.name}`, () => conforms(() => library.single(server.port)));
      }
      const [io, , , node] = LIBRARIES;
      const variants = { keyPrefix: 'app:', db: 3, lazyConnect: true };
      describe('with keyPrefix, another database and lazyConnect', () =>
        conforms(() => io!.single(server.port, variants)));
      describe('over RESP2', () => conforms(() => node!.single(server.port, { RESP: 2 })));
      describe('over RESP3', () => conforms(() => node!.single(server.port, { RESP: 3 })));
      describe('as a user that may GET, SET, DEL and EVAL and nothing else', () => {
        const user = { username: 'app', password: 'app-password' };
        beforeAll(async () => {
          const rights = ['-@all', '+get', '+set', '+del', '+eval', '~dokstamp:*'];
          // What a client itself sends when it connects.
          const ofTheClient = ['+@connection', '+info'];
          const { username, password } = user;
          const words = ['reset', 'on', `>${password}`, ...rights, ...ofTheClient];
          expect(await server.cli('acl', 'setuser', username, ...words)).toBe('OK');
        });
        describe('with ioredis', () => conforms(() => io!.single(server.port, user)));
        describe('with redis', () => conforms(() => node!.single(server.port, user)));
      });
    });
  }

  describe('on a Cluster of three', () => {
    let cluster: Awaited<ReturnType<typeof startCluster>>;
    beforeAll(async () => void (cluster = await startCluster()));
    afterAll(() => cluster[Symbol.asyncDispose]());

    for (const library of LIBRARIES) {
      describe(`with ${library.name}`, () => conforms(() => library.cluster(cluster.ports)));
    }
  });

  describe('behind a Sentinel', () => {
    let sentinel: Awaited<ReturnType<typeof startSentinel>>;
    beforeAll(async () => void (sentinel = await startSentinel()));
    afterAll(() => sentinel[Symbol.asyncDispose]());

    for (const library of LIBRARIES) {
      describe(`with ${library.name}`, () => conforms(() => library.sentinel(sentinel.port)));
    }
  });
});

describe('the client of a RedisTokenStore', () => {
  it('is one of those that it knows', () => {
    for (const client of [undefined, null, {}, 'redis://localhost', { get() {}, set() {} }]) {
      expect(() => new RedisTokenStore(client as unknown as RedisClient)).toThrow(TypeError);
    }
  });
});

function conforms(connect: () => Promise<TestedClient>): void {
  let tested: TestedClient | undefined;
  beforeAll(async () => void (tested = await connect()));
  afterAll(() => tested?.[Symbol.asyncDispose]());
  describeTokenStore(() => new RedisTokenStore(tested!.client));
}
