import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type DokStampHttpService,
  DokStampModule,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import { load } from '../../support/load.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { acceptingFrom, rejectionOf } from '../../support/stub-account.js';
import { issueToken } from '../../support/stub-server.js';
import { elapse, freezeTime, idle } from '../../support/time.js';
import { tokenHarness } from '../../support/token-harness.js';

const CALLERS = 8;

const WAYS = [
  ['axiosRef', (http: DokStampHttpService) => http.axiosRef.get('/certificates')],
  ['Observable', (http: DokStampHttpService) => firstValueFrom(http.get('/certificates'))],
] as const;

beforeEach(freezeTime);

const repeated = <T>(times: number, call: () => T): T[] => Array.from({ length: times }, call);

describe.each(WAYS)('calls by %s', (_, call) => {
  it('make one token request if 200 of them are the first ones, and none fails', async () => {
    const dokStamp = new MemoryDokStamp();
    await using harness = await tokenHarness(dokStamp.options);
    await Promise.all(repeated(200, () => call(harness.http)));
    expect(dokStamp.tokenRequests).toBe(1);
    expect(dokStamp.seen).toHaveLength(200);
  });

  it('neither fail nor wait while the token is renewed', async () => {
    const dokStamp = new MemoryDokStamp();
    dokStamp.expiresIn = 60;
    await using harness = await tokenHarness(dokStamp.options);
    await call(harness.http);
    for (let renewal = 1; renewal <= 3; renewal++) {
      dokStamp.holds = true;
      await elapse(48_000);
      expect(dokStamp.tokenRequests).toBe(renewal + 1);
      // The token request is not answered before the calls are: a call that waited for it would never end.
      await Promise.all(repeated(CALLERS, () => call(harness.http)));
      expect(harness.events).toHaveLength(renewal);
      dokStamp.release();
      await idle();
      expect(harness.events).toHaveLength(renewal + 1);
    }
    expect(harness.events.every(({ type }) => type === 'issued')).toBe(true);
  });

  it('make one token request when the token is revoked, and none fails', async () => {
    let accepted = 1;
    const dokStamp = new MemoryDokStamp((request, response) => {
      // Judged when it arrives and answered up to 300 ms later, so 401s arrive after the renewal too.
      const judge = acceptingFrom(accepted);
      setTimeout(() => judge(request, response), (dokStamp.seen.length * 91) % 300);
    });
    dokStamp.tokenEndpoint = (__, response) => {
      const value = `token_${dokStamp.tokenRequests}`;
      setTimeout(() => issueToken(response, value), 100);
    };
    await using harness = await tokenHarness(dokStamp.options);
    const running = load(() => call(harness.http), CALLERS);
    await elapse(1_000);
    const before = dokStamp.seen.length;
    expect(before).toBeGreaterThan(CALLERS);
    accepted = 2;
    await elapse(1_000);
    expect(dokStamp.seen.length).toBeGreaterThan(before + CALLERS);
    const stopped = running.stop();
    await elapse(600);
    expect((await stopped).failures).toEqual([]);
    expect(dokStamp.tokenRequests).toBe(2);
  });

  it('do not fail while the token is valid and the token endpoint is down, which gets 4 requests in 5 s', async () => {
    const dokStamp = new MemoryDokStamp();
    dokStamp.expiresIn = 60;
    await using harness = await tokenHarness(dokStamp.options);
    await call(harness.http);
    await elapse(47_999);
    dokStamp.fail(503);
    dokStamp.tokenRequests = 0;
    for (let at = 0; at < 5_000; at += 250) {
      await elapse(250);
      await Promise.all(repeated(CALLERS, () => call(harness.http)));
    }
    // When the token is due, and after pauses of 1 s, 1.5 s and 2.25 s.
    expect(dokStamp.tokenRequests).toBe(4);
  });

  it('make one token request in 5 s if the secret is refused', async () => {
    const dokStamp = new MemoryDokStamp();
    dokStamp.fail(401);
    await using harness = await tokenHarness(dokStamp.options);
    for (let at = 0; at < 5_000; at += 250) {
      const calls = repeated(CALLERS, () => rejectionOf(call(harness.http)));
      for (const error of await Promise.all(calls)) {
        expect(error).toMatchObject({ code: 'invalid_client' });
      }
      await elapse(250);
    }
    expect(dokStamp.tokenRequests).toBe(1);
    expect(dokStamp.seen).toEqual([]);
  });
});

describe('the error that many calls reject with', () => {
  it('is one for each call, and its stack has the caller and does not grow', async () => {
    const dokStamp = new MemoryDokStamp();
    dokStamp.fail(401);
    await using harness = await tokenHarness(dokStamp.options);
    const { axiosRef } = harness.http;
    const here = async () => void (await axiosRef.get('/here'));
    const there = async () => void (await axiosRef.get('/there'));
    const first = await rejectionOf(here());
    const { stack } = first;
    for (let turn = 0; turn < 10; turn++) {
      const other = await rejectionOf(there());
      expect(other).toMatchObject({ code: 'invalid_client', retryAt: expect.any(Date) });
      expect(other.stack).toMatch(/at (async )?there /);
      expect(other.stack).not.toMatch(/at (async )?here /);
      expect((await rejectionOf(here())).stack?.length).toBeLessThan(3_000);
    }
    expect(first.stack).toBe(stack);
  });

  it("does not grow in an axios instance of the app's own that calls getToken()", async () => {
    const dokStamp = new MemoryDokStamp();
    dokStamp.fail(401);
    await using harness = await tokenHarness(dokStamp.options);
    const own = axios.create({ baseURL: dokStamp.options.baseURL });
    own.interceptors.request.use(async (config) => {
      config.headers.setAuthorization(`Bearer ${await harness.tokens.getToken()}`);
      return config;
    });
    const here = async () => void (await own.get('/here'));
    const there = async () => void (await own.get('/there'));
    for (let turn = 0; turn < 10; turn++) {
      await rejectionOf(there());
      const { stack } = await rejectionOf(here());
      expect(stack).not.toMatch(/at (async )?there /);
      expect(stack?.length).toBeLessThan(3_000);
    }
  });
});

describe('100 named accounts', () => {
  it('boot in one process, each with its own token, timer and axios instance', async () => {
    const dokStamp = new MemoryDokStamp();
    const names = Array.from({ length: 100 }, (_, nth) => `account-${nth}`);
    await using app = await boot({
      imports: names.map((name) =>
        DokStampModule.forRoot({ ...dokStamp.options, name, clientId: name, tenant: name }),
      ),
    });
    const tokens = await Promise.all(
      names.map((name) => app.get(getTokenServiceToken(name)).getToken()),
    );
    expect(new Set(tokens).size).toBe(100);
    expect(dokStamp.tokenRequests).toBe(100);
    const instances = names.map((name) => app.get(getDokStampHttpToken(name)).axiosRef);
    expect(new Set(instances).size).toBe(100);
    for (const name of ['account-0', 'account-99']) {
      await app.get(getDokStampHttpToken(name)).axiosRef.get('/certificates');
    }
    const sent = dokStamp.seen.map(({ headers }) => [headers['x-tenant'], headers.authorization]);
    expect(sent).toEqual([
      ['account-0', `Bearer ${tokens[0]}`],
      ['account-99', `Bearer ${tokens[99]}`],
    ]);
    await elapse(43_140_000);
    expect(dokStamp.tokenRequests).toBe(200);
  });
});
