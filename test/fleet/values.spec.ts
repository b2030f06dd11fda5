import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DokStampOptions } from '../../lib/index.js';
import { RedisTokenStore } from '../../lib/redis/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { optionsFor } from '../support/app.js';
import { startFleet } from '../support/redis/fleet.js';
import { LIBRARIES, type TestedClient } from '../support/redis/redis-clients.js';
import { type RedisServer, SERVERS, startRedis } from '../support/redis/redis-server.js';
import { tokenHarness } from '../support/token-harness.js';

// For what the machine does meanwhile.
const SLACK_MS = 300;

const HOUR_MS = 3_600_000;

let sandbox: DokStampSandbox;
let server: RedisServer;
let client: TestedClient;

beforeEach(async () => {
  if (SERVERS.length === 0) return;
  sandbox = await DokStampSandbox.start();
  server = await startRedis();
  client = await LIBRARIES[0]!.single(server.port);
});
afterEach(async () => {
  await client?.[Symbol.asyncDispose]();
  await server?.stop();
  await sandbox?.stop();
});

const member = (options: Partial<DokStampOptions> = {}) =>
  tokenHarness({
    ...optionsFor(sandbox),
    tokenStore: new RedisTokenStore(client.client),
    ...options,
  });

const keyOf = async () => (await server.cli('keys', 'dokstamp:{*}')).split('\n')[0]!;

/** What may stand under our key in place of a token. */
const SPOILT: Record<string, (key: string, value: string) => unknown> = {
  'of a wrong type': async (key) => {
    await server.cli('del', key);
    await server.cli('lpush', key, 'x');
  },
  garbage: (key) => server.cli('set', key, 'garbage'),
  'with a flipped bit': (key, value) =>
    server.cli(
      'set',
      key,
      value.replace(/.(?=.{8}$)/, (letter) => (letter === 'A' ? 'B' : 'A')),
    ),
  'of a later version': (key, value) => server.cli('set', key, `Ag${value.slice(2)}`),
};

describe.skipIf(SERVERS.length === 0)('a value in Redis', () => {
  for (const [what, spoil] of Object.entries(SPOILT)) {
    it(`${what} counts as missing, is told once, and is replaced`, async () => {
      await using first = await member();
      const token = await first.tokens.getToken();
      await sleep(50);
      const key = await keyOf();
      await spoil(key, await server.cli('get', key));
      await using second = await member();
      const startedAt = performance.now();
      const other = await second.tokens.getToken();
      expect(performance.now() - startedAt).toBeLessThan(250 + SLACK_MS);
      expect(other).not.toBe(token);
      for (let waited = 0; second.events.at(-1)?.type !== 'store-recovered'; waited += 25) {
        expect(waited).toBeLessThan(5_000);
        await sleep(25);
      }
      expect(second.events.filter(({ type }) => type === 'store-unavailable')).toHaveLength(1);
      await sleep(50);
      await using third = await member();
      expect(await third.tokens.getToken()).toBe(other);
      expect(sandbox.tokenRequests).toBe(2);
    });
  }

  it("of another account under our key is nobody's token", async () => {
    await using others = await DokStampSandbox.start();
    await using foreign = await member(optionsFor(others));
    await foreign.tokens.getToken();
    await sleep(50);
    const foreignValue = await server.cli('get', await keyOf());
    await server.cli('flushall');
    await using first = await member();
    const token = await first.tokens.getToken();
    await sleep(50);
    await server.cli('set', await keyOf(), foreignValue);
    await using second = await member();
    const own = await second.tokens.getToken();
    expect(own).not.toBe(await foreign.tokens.getToken());
    expect(own).not.toBe(token);
  });

  it('that never expires in Redis is not used past its end', async () => {
    sandbox.expireIn(2);
    await using first = await member();
    const token = await first.tokens.getToken();
    await sleep(50);
    first.tokens.onModuleDestroy();
    await server.cli('persist', await keyOf());
    await sleep(2_100);
    await using second = await member();
    expect(await second.tokens.getToken()).not.toBe(token);
  });

  it('shows no token, secret, client id or tenant, in no command and no dump', async () => {
    const monitor = await LIBRARIES[0]!.single(server.port);
    const seen: string[] = [];
    const watching = await (
      monitor.client as unknown as {
        monitor(): Promise<NodeJS.EventEmitter & { disconnect(): void }>;
      }
    ).monitor();
    watching.on('monitor', (_: unknown, args: string[]) => seen.push(args.join(' ')));
    await using one = await member();
    const tokens = [await one.tokens.getToken(), await one.tokens.renew()];
    await sleep(100);
    watching.disconnect();
    await monitor[Symbol.asyncDispose]();
    expect(seen.length).toBeGreaterThan(6);
    const { clientId, clientSecret } = sandbox.credentials;
    const key = await keyOf();
    seen.push(await server.cli('dump', key), await server.cli('get', key), key);
    for (const secret of [...tokens, clientId, clientSecret, sandbox.tenant]) {
      expect(seen.filter((text) => text.includes(secret))).toEqual([]);
      const encoded = Buffer.from(secret).toString('base64url').slice(1, -2);
      expect(seen.filter((text) => text.includes(encoded))).toEqual([]);
    }
  });

  it('has a lifetime: that of the token', async () => {
    await using one = await member();
    await one.tokens.getToken();
    await sleep(50);
    const left = Number(await server.cli('pttl', await keyOf()));
    expect(left).toBeGreaterThan(43_200_000 - 10_000);
    expect(left).toBeLessThanOrEqual(43_200_000);
  });

  it('cannot be read with a rotated secret; who has the old one neither thrashes nor shares a dead token', async () => {
    const old = optionsFor(sandbox);
    await using stays = await member(old);
    const dead = await stays.tokens.getToken();
    await sleep(50);
    const rotated = sandbox.rotateCredentials();
    await using fresh = await member({ ...old, ...rotated });
    const token = await fresh.tokens.getToken();
    expect(token).not.toBe(dead);
    await expect(stays.tokens.replace(dead, {})).rejects.toMatchObject({ code: 'invalid_client' });
    await expect(stays.tokens.replace(dead, {})).rejects.toMatchObject({ code: 'invalid_client' });
    await sleep(50);
    await using later = await member({ ...old, ...rotated });
    expect(await later.tokens.getToken()).toBe(token);
    expect(sandbox.tokenRequests).toBe(3);
  });
});

describe.skipIf(SERVERS.length === 0)('a clock that is wrong by an hour', () => {
  for (const [which, skewMs] of Object.entries({ ahead: HOUR_MS, behind: -HOUR_MS })) {
    it(`(${which}) thrashes nothing and fails no call, at a cold start, at renewal and at a 401`, async () => {
      sandbox.expireIn(1_800);
      const settings = { ...optionsFor(sandbox), redis: server.port };
      await using fleet = await startFleet(4, (index) => ({
        ...settings,
        ...(index === 0 && { skewMs }),
      }));
      sandbox.tokenEndpoint.delay(300);
      const cold = await Promise.all(fleet.map((one) => one.do<string>('getToken')));
      expect(new Set(cold.map(({ value }) => value)).size).toBe(1);
      expect(sandbox.tokenRequests).toBe(1);
      sandbox.tokenEndpoint.restore();
      await using late = await startFleet(2, settings);
      await Promise.all(late.map((one) => one.do('call')));
      for (let times = 0; times < 3; times++) {
        sandbox.revokeTokens();
        for (const one of [...fleet, ...late]) expect((await one.do('call')).value).toBe(200);
      }
      // One more for the one that is wrong, at most, each time.
      expect(sandbox.tokenRequests).toBeLessThanOrEqual(1 + 1 + 3 * 2);
    });
  }
});
