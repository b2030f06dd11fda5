import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  DokStampModule,
  type TokenEvent,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../lib/index.js';
import { type TestApp, boot } from '../support/app.js';
import { load } from '../support/load.js';
import { accountAt, acceptingFrom, apiRequests, rejectionOf } from '../support/requests.js';
import { type StubServer, json, stubDokStamp, stubServer } from '../support/stub-server.js';
import { pass, stopTime, until } from '../support/token-harness.js';

const CALLERS = 64;

// Both ways to call.
const WAYS = [
  ['axiosRef', ({ http }: TestApp) => http.axiosRef.get('/certificates')],
  ['Observable', ({ http }: TestApp) => firstValueFrom(http.get('/certificates'))],
] as const;

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A DokStamp whose token endpoint answers as `state.token` says at that moment, after 300 ms. */
async function slowDokStamp(lifetime: number) {
  const state = { tokenRequests: 0, token: 200 };
  const server = await stubServer(({ url }, response) => {
    if (url !== '/oauth/token') return json(response, 200, { data: [] });
    const nth = ++state.tokenRequests;
    const body =
      state.token === 200
        ? { access_token: `token_${nth}`, token_type: 'Bearer', expires_in: lifetime }
        : { error: state.token === 401 ? 'invalid_client' : 'unavailable' };
    return setTimeout(() => json(response, state.token, body), 300);
  });
  return Object.assign(server, { state });
}

/** An account that has its first token, and what has happened to it. */
async function holdingToken(server: StubServer) {
  const account = await accountAt(server, { startup: 'background' });
  const events: TokenEvent[] = [];
  account.tokens.events$.subscribe((event) => events.push(event));
  await until(() => server.seen.length === 1);
  await pass(300);
  await until(() => events.length === 1);
  return Object.assign(account, { events });
}

describe.each(WAYS)('by %s', (_, call) => {
  it('1,000 first calls at once make one token request, and none fails', async () => {
    await using server = await stubDokStamp();
    await using account = await accountAt(server);
    await Promise.all(Array.from({ length: 1_000 }, () => call(account)));
    expect(server.tokenRequests).toBe(1);
    expect(apiRequests(server)).toHaveLength(1_000);
  });

  it('renewals under 64 callers let no call fail and none wait', async () => {
    stopTime();
    await using server = await slowDokStamp(60);
    await using account = await holdingToken(server);
    const { events } = account;
    for (let renewal = 2; renewal <= 4; renewal++) {
      await pass(47_700);
      await until(() => server.state.tokenRequests === renewal);
      // The renewal is under way and time stands: whoever waited for it would wait for ever.
      await Promise.all(Array.from({ length: CALLERS }, () => call(account)));
      expect(events).toHaveLength(renewal - 1);
      await pass(300);
      await until(() => events.length === renewal);
    }
    expect(events.every(({ type }) => type === 'issued')).toBe(true);
  });

  it('a revocation under load makes one token request, and no call fails', async () => {
    let revoked = false;
    await using server = await stubDokStamp((request, response) => {
      // Judged when it comes in and answered up to 300 ms later, so that 401s come in long after the renewal.
      const judge = acceptingFrom(revoked ? 2 : 1);
      setTimeout(() => judge(request, response), (server.seen.length * 91) % 300);
    });
    await using account = await accountAt(server);
    await using running = load(() => call(account), CALLERS);
    await until(() => server.seen.length > 300, Infinity);
    revoked = true;
    await until(() => server.tokenRequests === 2, Infinity);
    const before = server.seen.length;
    await until(() => server.seen.length > before + 300, Infinity);
    const { failures } = await running.stop();
    expect(failures).toEqual([]);
    expect(server.tokenRequests).toBe(2);
  });

  it('an endpoint that is down for 5 s is asked at most 5 times while the token is valid, and no call fails', async () => {
    stopTime();
    await using server = await slowDokStamp(60);
    await using account = await holdingToken(server);
    await pass(47_500);
    server.state.token = 503;
    server.state.tokenRequests = 0;
    for (let at = 0; at < 5_000; at += 100) {
      await pass(100);
      await Promise.all(Array.from({ length: CALLERS }, () => call(account)));
    }
    expect(server.state.tokenRequests).toBeGreaterThan(0);
    expect(server.state.tokenRequests).toBeLessThanOrEqual(5);
  });

  it('a secret that is refused for 5 s is asked with at most twice, however many call', async () => {
    stopTime();
    await using server = await slowDokStamp(60);
    server.state.token = 401;
    await using account = await accountAt(server);
    let refused = 0;
    const volley = () =>
      Promise.all(
        Array.from({ length: CALLERS }, () =>
          call(account).catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'invalid_client' });
            refused++;
          }),
        ),
      );
    const first = volley();
    await until(() => server.seen.length === 1);
    await pass(300);
    await first;
    for (let at = 300; at < 5_000; at += 100) {
      await pass(100);
      await volley();
    }
    expect(refused).toBe(CALLERS * 48);
    expect(server.state.tokenRequests).toBeLessThanOrEqual(2);
    expect(apiRequests(server)).toEqual([]);
  });
});

describe('the error that many calls reject with', () => {
  async function refused() {
    const server = await slowDokStamp(60);
    server.state.token = 401;
    return server;
  }

  it('is one for each call, whose stack leads to its caller and does not grow', async () => {
    await using server = await refused();
    await using account = await accountAt(server);
    const { axiosRef } = account.http;
    const here = async () => void (await axiosRef.get('/here'));
    const there = async () => void (await axiosRef.get('/there'));
    const first = await rejectionOf(here());
    const { stack } = first;
    for (let turn = 0; turn < 20; turn++) {
      const other = await rejectionOf(there());
      expect(other).toMatchObject({ code: 'invalid_client', retryAt: expect.any(Date) });
      expect(other.stack).toMatch(/at (async )?there /);
      expect(other.stack).not.toMatch(/at (async )?here /);
      expect((await rejectionOf(here())).stack?.length).toBeLessThan(3_000);
    }
    expect(first.stack).toBe(stack);
  });

  it("does not grow either where the token is asked for in an axios instance of the app's own", async () => {
    await using server = await refused();
    await using account = await accountAt(server);
    const own = axios.create({ baseURL: server.url });
    own.interceptors.request.use(async (config) => {
      config.headers.setAuthorization(`Bearer ${await account.tokens.getToken()}`);
      return config;
    });
    const here = async () => void (await own.get('/here'));
    const there = async () => void (await own.get('/there'));
    for (let turn = 0; turn < 20; turn++) {
      await rejectionOf(there());
      const { stack } = await rejectionOf(here());
      expect(stack).not.toMatch(/at (async )?there /);
      expect(stack?.length).toBeLessThan(3_000);
    }
  });
});

describe('1,000 named accounts', () => {
  it('boot in one process, each with a token, a timer and an axios instance of its own', async () => {
    await using server = await stubDokStamp();
    const names = Array.from({ length: 1_000 }, (_, nth) => `account-${nth}`);
    await using app = await boot({
      imports: names.map((name) =>
        DokStampModule.forRoot({
          name,
          baseURL: server.url,
          clientId: name,
          clientSecret: `secret-of-${name}`,
          tenant: name,
        }),
      ),
    });
    const tokens = await Promise.all(
      names.map((name) => app.get(getTokenServiceToken(name)).getToken()),
    );
    expect(new Set(tokens).size).toBe(1_000);
    expect(server.tokenRequests).toBe(1_000);
    const instances = names.map((name) => app.get(getDokStampHttpToken(name)).axiosRef);
    expect(new Set(instances).size).toBe(1_000);
    const [name = '', other = ''] = names;
    await app.get(getDokStampHttpToken(name)).axiosRef.get('/certificates');
    await app.get(getDokStampHttpToken(other)).axiosRef.get('/certificates');
    expect(apiRequests(server).map(({ headers }) => headers['x-tenant'])).toEqual([name, other]);
  });
});
