import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { optionsFor } from '../support/app.js';
import { type MemberSettings, startFleet } from '../support/redis/fleet.js';
import { type RedisServer, SERVERS, startRedis } from '../support/redis/redis-server.js';

const TOKEN_TIMEOUT_MS = 2_000;
const LEASE_MS = TOKEN_TIMEOUT_MS + 1_000;

let sandbox: DokStampSandbox;
let server: RedisServer;
let settings: MemberSettings;

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  server = await startRedis();
  settings = { ...optionsFor(sandbox), redis: server.port, tokenTimeout: TOKEN_TIMEOUT_MS };
});
afterEach(async () => {
  await server.stop();
  await sandbox.stop();
});

describe.skipIf(SERVERS.length === 0)('the lease', () => {
  it('of a process that was killed ends by itself, and another one takes over with one more request', async () => {
    await using fleet = await startFleet(4, settings);
    const [holder, ...others] = fleet;
    sandbox.tokenEndpoint.hang();
    const lost = holder!.do('getToken').catch((error: unknown) => error);
    await until(() => sandbox.tokenRequests === 1);
    const waiting = others.map((one) => one.do<string>('getToken'));
    await sleep(300);
    expect(sandbox.tokenRequests).toBe(1);
    holder!.signal('SIGKILL');
    sandbox.tokenEndpoint.restore();
    const done = await Promise.all(waiting);
    expect(new Set(done.map(({ value }) => value)).size).toBe(1);
    for (const { ms } of done) {
      expect(ms).toBeGreaterThan(LEASE_MS - 1_000);
      expect(ms).toBeLessThan(LEASE_MS + 1_000);
    }
    expect(sandbox.tokenRequests).toBe(2);
    expect(await lost).toBeInstanceOf(Error);
  });

  it('of a process whose request failed is free at once', async () => {
    await using fleet = await startFleet(2, settings);
    sandbox.tokenEndpoint.fail({ status: 503, times: 1 });
    const done = await Promise.allSettled(fleet.map((one) => one.do<string>('getToken')));
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('is lost by a process that was stopped past its end: its late token and release change nothing', async () => {
    await using fleet = await startFleet(3, settings);
    const [stopped, other, third] = fleet;
    sandbox.tokenEndpoint.delay(300);
    const late = stopped!.do<string>('getToken').catch(() => {});
    await until(() => sandbox.tokenRequests === 1);
    stopped!.signal('SIGSTOP');
    const taken = await other!.do<string>('getToken');
    expect(sandbox.tokenRequests).toBe(2);
    const [key] = (await server.cli('keys', '*')).split('\n');
    const value = await server.cli('get', key!);
    // A third process holds the lease when the first one goes on.
    sandbox.tokenEndpoint.delay(800);
    const renewed = sleep(10_000).then(() => third!.do<string>('renew'));
    await until(() => sandbox.tokenRequests === 3, 15_000);
    const lease = await server.cli('get', `${key}:lease`);
    stopped!.signal('SIGCONT');
    await sleep(400);
    expect(await server.cli('get', `${key}:lease`)).toBe(lease);
    expect(lease).not.toBe('');
    expect(await server.cli('get', key!)).toBe(value);
    const { value: newest } = await renewed;
    expect(newest).not.toBe(taken.value);
    await late;
    await sleep(300);
    await using later = await startFleet(1, settings);
    expect((await later[0]!.do('getToken')).value).toBe(newest);
  });

  it('that never ends costs a wait, not the token', async () => {
    await using fleet = await startFleet(1, { ...settings, tokenTimeout: 500 });
    await fleet[0]!.do('getToken');
    const [key] = (await server.cli('keys', '*')).split('\n');
    await sleep(50);
    await server.cli('set', `${key}:lease`, 'nobody');
    const { ms } = await fleet[0]!.do('renew');
    expect(ms).toBeLessThan(2 * 1_500 + 1_500);
    expect(sandbox.tokenRequests).toBe(2);
  });
});

async function until(condition: () => boolean, limitMs = 10_000): Promise<void> {
  const since = performance.now();
  while (!condition()) {
    if (performance.now() - since > limitMs) throw new Error('The condition did not come to hold.');
    await sleep(10);
  }
}
