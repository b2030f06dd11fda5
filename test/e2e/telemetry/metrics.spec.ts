import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DokStampAccounts, DokStampAccountsModule } from '../../../lib/accounts/index.js';
import { DokStampModule, TokenService, getTokenServiceToken } from '../../../lib/index.js';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { boot, optionsFor } from '../../support/app.js';
import { deferred } from '../../support/deferred.js';
import { observe } from '../../support/observed.js';
import { json, stubServer } from '../../support/stub-server.js';
import { advance, freezeTime, waitUntil } from '../../support/time.js';

const ACCOUNT = { 'dokstamp.account': 'default' };

let sandbox: DokStampSandbox;

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(() => sandbox.stop());

describe('the histograms', () => {
  it('measure token requests and waits in seconds', async () => {
    freezeTime();
    const slow = deferred();
    await using server = await stubServer(async (_, response) => {
      await slow.promise;
      json(response, 200, { token_type: 'Bearer', expires_in: 3_600, access_token: 'token_1' });
    });
    await using it = await observe({ ...optionsFor(sandbox), baseURL: server.url });
    const calls = [it.tokens.getToken(), it.tokens.getToken()];
    await waitUntil(() => server.seen.length === 1);
    await advance(2_000);
    slow.resolve();
    await Promise.all(calls);
    const metrics = await it.metrics();
    expect(metrics['dokstamp.token.request.duration']).toMatchObject({
      unit: 's',
      points: [
        {
          attributes: { ...ACCOUNT, 'http.response.status_code': 200 },
          value: { count: 1, sum: 2 },
        },
      ],
    });
    expect(metrics['dokstamp.token.wait.duration']).toMatchObject({
      unit: 's',
      points: [{ attributes: ACCOUNT, value: { count: 2, sum: 4 } }],
    });
  });

  it('have the code of a failure as error.type, and its status', async () => {
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    await using it = await observe(optionsFor(sandbox));
    await it.tokens.getToken().catch(() => {});
    const metrics = await it.metrics();
    const attributes = {
      ...ACCOUNT,
      'error.type': 'token_rate_limited',
      'http.response.status_code': 429,
    };
    expect(metrics['dokstamp.token.request.duration']?.points).toMatchObject([{ attributes }]);
  });

  it('have _OTHER as error.type for a caller that aborts its wait', async () => {
    sandbox.tokenEndpoint.hang();
    await using it = await observe(optionsFor(sandbox));
    const caller = new AbortController();
    const call = it.tokens.getToken({ signal: caller.signal });
    setImmediate(() => caller.abort());
    await expect(call).rejects.toThrow();
    expect((await it.metrics())['dokstamp.token.wait.duration']?.points).toMatchObject([
      { attributes: { ...ACCOUNT, 'error.type': '_OTHER' } },
    ]);
  });
});

describe('the counters', () => {
  it('count rejected tokens and replays', async () => {
    await using it = await observe(optionsFor(sandbox));
    await it.tokens.getToken();
    sandbox.revokeTokens();
    await it.http.axiosRef.get('/certificates');
    sandbox.revokeTokens();
    await it.http.axiosRef.get('/certificates', { dokStamp: { replay: false } }).catch(() => {});
    const metrics = await it.metrics();
    expect(metrics['dokstamp.token.refused']?.points).toMatchObject([
      { attributes: ACCOUNT, value: 2 },
    ]);
    expect(metrics['dokstamp.request.replays']?.points).toMatchObject([
      { attributes: { ...ACCOUNT, 'http.response.status_code': 200 }, value: 1 },
    ]);
  });
});

describe('the gauges', () => {
  it('have the remaining life of the token in seconds, and 0 for blocked', async () => {
    freezeTime();
    await using it = await observe({ ...optionsFor(sandbox), name: 'eu' });
    await it.tokens.getToken();
    const attributes = { 'dokstamp.account': 'eu' };
    const metrics = await it.metrics();
    expect(metrics['dokstamp.token.time_to_expiry']).toMatchObject({
      unit: 's',
      points: [{ attributes, value: 43_200 }],
    });
    expect(metrics['dokstamp.token.blocked']?.points).toMatchObject([{ attributes, value: 0 }]);
    await advance(1_000);
    expect(await it.gauges()).toEqual({ timeToExpiry: 43_199, blocked: 0 });
  });

  it('have 1 for blocked, and 0 s, if the first token request fails', async () => {
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    await using it = await observe(optionsFor(sandbox));
    await it.tokens.getToken().catch(() => {});
    expect(await it.gauges()).toEqual({ timeToExpiry: 0, blocked: 1 });
  });

  it('have 0 for blocked while the token is valid and its renewal fails', async () => {
    await using it = await observe(optionsFor(sandbox));
    await it.tokens.getToken();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    await it.tokens.renew().catch(() => {});
    expect((await it.gauges()).blocked).toBe(0);
  });

  it('have 0 s for an invalidated token, and 1 for blocked when its renewal fails', async () => {
    await using it = await observe(optionsFor(sandbox));
    const token = await it.tokens.getToken();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    it.tokens.invalidate(token);
    expect(await it.gauges()).toEqual({ timeToExpiry: 0, blocked: 0 });
    await it.tokens.getToken().catch(() => {});
    expect(await it.gauges()).toEqual({ timeToExpiry: 0, blocked: 1 });
  });

  it('have 1 for blocked from the first failure to the next token, during a token request too', async () => {
    freezeTime();
    await using it = await observe(optionsFor(sandbox));
    const blocked = async () => (await it.gauges()).blocked;
    sandbox.tokenEndpoint.hang();
    const first = it.tokens.getToken().catch(() => {});
    await advance(9_000, 1_000);
    expect(await blocked()).toBeUndefined();
    await advance(1_000);
    await first;
    expect(sandbox.tokenRequests).toBe(1);
    expect(await blocked()).toBe(1);
    await advance(5_000, 1_000);
    await waitUntil(() => sandbox.tokenRequests === 2);
    expect(it.tokens.status.state).toBe('absent');
    expect(await blocked()).toBe(1);
    sandbox.tokenEndpoint.restore();
    await advance(10_000, 1_000);
    await waitUntil(() => it.tokens.status.state === 'valid');
    expect(await blocked()).toBe(0);
  });

  it('have a series for each of the accounts named default, named runtime and without a name', async () => {
    await using it = await observe(optionsFor(sandbox));
    const names = ['default', 'runtime'];
    await using others = await boot({
      imports: names.map((name) =>
        DokStampModule.forRoot({ ...optionsFor(sandbox), name, startup: 'required' }),
      ),
    });
    expect(others).toBeDefined();
    await it.tokens.getToken();
    const metrics = await it.metrics();
    for (const instrument of ['request.duration', 'time_to_expiry', 'blocked']) {
      const points = metrics[`dokstamp.token.${instrument}`]?.points ?? [];
      const accounts = points.map(({ attributes }) => attributes['dokstamp.account']);
      expect(new Set(accounts)).toEqual(new Set(['default', 'default (named)', 'runtime (named)']));
    }
  });

  it('have no series for accounts at run time, whose requests are counted together', async () => {
    await using it = await observe(optionsFor(sandbox));
    const { baseURL, ...account } = optionsFor(sandbox);
    const registration = DokStampAccountsModule.forRoot({ baseURL, resolve: () => account });
    await using app = await boot({ imports: [registration] });
    for (const key of ['a', 'b'])
      await (await app.get(DokStampAccounts).get(key)).tokens.getToken();
    const metrics = await it.metrics();
    expect(metrics['dokstamp.token.request.duration']?.points).toMatchObject([
      { attributes: { 'dokstamp.account': 'runtime' }, value: { count: 2 } },
    ]);
    for (const gauge of ['time_to_expiry', 'blocked'])
      expect(metrics[`dokstamp.token.${gauge}`]?.points ?? []).toEqual([]);
  });

  it('have 0 and 0 s for an account whose app has closed', async () => {
    await using it = await observe(optionsFor(sandbox));
    const options = { ...optionsFor(sandbox), name: 'eu', startup: 'lazy' } as const;
    const other = await boot({ imports: [DokStampModule.forRoot(options)] });
    const tokens = other.get<TokenService>(getTokenServiceToken('eu'));
    await tokens.getToken();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    await tokens.renew().catch(() => {});
    await other.close();
    expect(await it.gauges()).toEqual({ timeToExpiry: 0, blocked: 0 });
  });
});
