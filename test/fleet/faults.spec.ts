import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TokenEvent, TokenService } from '../../lib/index.js';
import { RedisTokenStore } from '../../lib/redis/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { optionsFor } from '../support/app.js';
import { LIBRARIES, type TestedClient } from '../support/redis/redis-clients.js';
import { type RedisServer, SERVERS, startRedis } from '../support/redis/redis-server.js';
import { type TcpProxy, startProxy } from '../support/redis/tcp-proxy.js';
import { tokenHarness } from '../support/token-harness.js';

// What a call may cost more than the store's time limit: a token request over loopback, on a machine that is busy.
const LIMIT_MS = 250;
const SLACK_MS = 300;

interface Scene extends AsyncDisposable {
  readonly sandbox: DokStampSandbox;
  readonly server: RedisServer;
  readonly proxy: TcpProxy;
  readonly client: TestedClient;
  readonly tokens: TokenService;
  readonly events: TokenEvent[];
}

type Fault = (scene: Scene) => unknown;

/** What a store may do wrong: the server, what stands before it, and what it holds. */
const FAULTS: Record<string, Fault> = {
  'is refused': ({ proxy }) => proxy.refuse(),
  'is a black hole': ({ proxy }) => proxy.swallow(),
  'is frozen': ({ server }) => server.signal('SIGSTOP'),
  'is READONLY': ({ server }) => server.cli('replicaof', '127.0.0.1', '1'),
  'is out of memory': ({ server }) => server.cli('config', 'set', 'maxmemory', '1'),
  'is LOADING': ({ proxy }) => proxy.answer('LOADING Redis is loading the dataset in memory'),
  'wants a password': ({ proxy }) => proxy.answer('NOAUTH Authentication required.'),
  'says CROSSSLOT': ({ proxy }) => proxy.answer("CROSSSLOT Keys in request don't hash"),
};

const MOMENTS: Record<string, (tokens: TokenService, token: string) => Promise<string>> = {
  'at renewal': (tokens) => tokens.renew(),
  'at a 401': (tokens, token) => tokens.replace(token, {}),
};

describe.skipIf(SERVERS.length === 0)('a Redis that fails', () => {
  // What only the first call of a process costs is not the store's.
  beforeAll(async () => {
    await using scene = await stage(LIBRARIES[0]!);
    await scene.tokens.getToken();
  });

  for (const library of LIBRARIES.filter(({ name }) => name.endsWith('redis 6'))) {
    for (const [what, fault] of Object.entries(FAULTS)) {
      it(`and ${what} costs no call more than 250 ms, once, at a cold start (${library.name})`, async () => {
        await using scene = await stage(library);
        await fault(scene);
        await costs(() => scene.tokens.getToken());
        await costs(() => scene.tokens.renew(), 0);
        expect(scene.events.map(({ type }) => type)).toContain('store-unavailable');
        expect(scene.events.filter(({ type }) => type === 'store-unavailable')).toHaveLength(1);
      });
      for (const [moment, renew] of Object.entries(MOMENTS)) {
        it(`and ${what} costs no call more than 250 ms, once, ${moment} (${library.name})`, async () => {
          await using scene = await stage(library);
          const token = await scene.tokens.getToken();
          await sleep(50);
          await fault(scene);
          const renewed = await costs(() => renew(scene.tokens, token));
          await costs(() => renew(scene.tokens, renewed), 0);
          expect(scene.events.map(({ type }) => type)).toContain('store-unavailable');
        });
      }
    }

    it(`is shared through again by itself, also after a freeze (${library.name})`, async () => {
      await using scene = await stage(library);
      scene.server.signal('SIGSTOP');
      const token = await scene.tokens.getToken();
      await sleep(1_500);
      scene.server.signal('SIGCONT');
      await heals(scene);
      await using later = await library.single(scene.server.port);
      await using other = await memberOn(scene.sandbox, later);
      expect(await other.tokens.getToken()).toBe(token);
      expect(scene.sandbox.tokenRequests).toBe(1);
    });

    it(`is shared through again by itself after it was away (${library.name})`, async () => {
      await using scene = await stage(library);
      scene.proxy.refuse();
      await scene.tokens.getToken();
      await sleep(500);
      scene.proxy.mend();
      await heals(scene);
    });
  }

  it('that comes up while the app boots is shared through from the first token on', async () => {
    const [io] = LIBRARIES;
    await using sandbox = await DokStampSandbox.start();
    await using server = await startRedis();
    await using client = await io!.single(server.port, { enableOfflineQueue: false });
    await using member = await memberOn(sandbox, client);
    await member.tokens.getToken();
    expect(member.events.map(({ type }) => type)).toEqual(['issued']);
  });

  it('gives a lease back that it gives when nobody waits for it any more', async () => {
    await using scene = await stage(LIBRARIES[0]!);
    await scene.tokens.getToken();
    await sleep(50);
    scene.server.signal('SIGSTOP');
    await scene.tokens.renew();
    scene.server.signal('SIGCONT');
    await heals(scene);
    await sleep(100);
    expect(await scene.server.cli('keys', '*:lease')).toBe('');
  });
});

async function stage(library: (typeof LIBRARIES)[number]): Promise<Scene> {
  const sandbox = await DokStampSandbox.start();
  const server = await startRedis();
  const proxy = await startProxy(server.port);
  const client = await library.single(proxy.port);
  const member = await memberOn(sandbox, client);
  const end = async () => {
    await member[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await server.stop();
    await sandbox.stop();
  };
  const { tokens, events } = member;
  return { sandbox, server, proxy, client, tokens, events, [Symbol.asyncDispose]: end };
}

function memberOn(sandbox: DokStampSandbox, { client }: TestedClient) {
  return tokenHarness({ ...optionsFor(sandbox), tokenStore: new RedisTokenStore(client) });
}

async function costs<T>(call: () => Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  const startedAt = performance.now();
  const result = await call();
  expect(performance.now() - startedAt).toBeLessThan(limitMs + SLACK_MS);
  return result;
}

async function heals({ events }: Scene): Promise<void> {
  const since = performance.now();
  while (events.at(-1)?.type !== 'store-recovered') {
    if (performance.now() - since > 5_000) throw new Error('It does not recover.');
    await sleep(25);
  }
}
