import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  type DokStampConfigError,
  DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
} from '../../../lib/index.js';
import { boot, bootAccount } from '../../support/app.js';
import { accountAt, apiRequests, rejectionOf } from '../../support/stub-account.js';
import { stubDokStamp, stubServer } from '../../support/stub-server.js';
import { advance, freezeTime, waitUntil } from '../../support/time.js';

const SECRET = 's3cr3t-of-the-test';
const CREDENTIALS = { clientId: 'client-1', clientSecret: SECRET };

/** The error for which the boot stops. JavaScript callers may pass any object. */
function bootError(options: object, name?: string): Promise<DokStampConfigError> {
  const module = DokStampModule.forRoot({ ...options, ...(name !== undefined && { name }) });
  return rejectionOf(boot({ imports: [module] }));
}

describe('an account', () => {
  it('has the base URL of DokStamp by default', async () => {
    await using account = await bootAccount({ ...CREDENTIALS, startup: 'lazy' });
    expect(account.http.axiosRef.defaults.baseURL).toBe('https://api.dokstamp.com');
  });

  it.each([
    ['https://api.example', 'https://api.example'],
    ['https://api.example/', 'https://api.example'],
    ['https://api.example/v1', 'https://api.example/v1'],
    ['https://api.example/v1/', 'https://api.example/v1'],
    ['HTTPS://API.Example:443/v1//', 'https://api.example/v1'],
  ])('takes the base URL %s', async (baseURL, normalised) => {
    await using account = await bootAccount({ ...CREDENTIALS, startup: 'lazy', baseURL });
    expect(account.http.axiosRef.defaults.baseURL).toBe(normalised);
  });

  it('takes an insecure base URL if allowInsecureHttp is true', async () => {
    const baseURL = 'http://a.example';
    await using account = await bootAccount({
      ...CREDENTIALS,
      startup: 'lazy',
      baseURL,
      allowInsecureHttp: true,
    });
    expect(account.http.axiosRef.defaults.baseURL).toBe(baseURL);
  });

  it.each([
    [undefined, 60],
    [90, 90],
  ])(
    'with renewBeforeExpiry %s plans its renewal %d s before the expiry',
    async (given, seconds) => {
      freezeTime();
      await using api = await stubDokStamp();
      await using account = await accountAt(api, { renewBeforeExpiry: given });
      await account.tokens.getToken();
      const { expiresAt, nextRenewalAt } = account.tokens.status;
      expect(Number(expiresAt) - Number(nextRenewalAt)).toBe(seconds * 1_000);
    },
  );

  it.each([
    [undefined, 10_000],
    [2_500, 2_500],
  ])('with tokenTimeout %s waits %d ms for a token', async (tokenTimeout, ms) => {
    freezeTime();
    await using silent = await stubServer(() => {});
    await using account = await accountAt(silent, { tokenTimeout });
    let error: unknown;
    const rejection = rejectionOf(account.tokens.getToken()).then((reason) => (error = reason));
    await waitUntil(() => silent.seen.length === 1);
    await advance(ms - 1);
    expect(error).toBeUndefined();
    await advance(1);
    expect(await rejection).toMatchObject({ code: 'token_request_failed' });
  });

  it('treats null and undefined as left out', async () => {
    await using api = await stubDokStamp();
    const nothing = {
      credentials: null,
      startup: null,
      renewBeforeExpiry: undefined,
      tokenTimeout: null,
      replayOnUnauthorized: null,
      allowInsecureHttp: undefined,
      http: null,
      tokenStore: null,
    };
    const given: object = { ...CREDENTIALS, baseURL: api.url, tenant: 'my-university', ...nothing };
    await using account = await bootAccount(given);
    // The startup is `background`.
    await waitUntil(() => api.tokenRequests === 1);
    expect((await account.http.axiosRef.get('/certificates')).status).toBe(200);
  });

  it('reads its options from the accessors of a class', async () => {
    await using api = await stubDokStamp();
    class Configured implements DokStampOptions {
      get baseURL() {
        return api.url;
      }
      get clientId() {
        return 'client-of-the-class';
      }
      get clientSecret() {
        return SECRET;
      }
      get tenant() {
        return 'tenant-of-the-class';
      }
    }
    await using app = await boot({
      imports: [DokStampModule.forRootAsync({ useFactory: () => new Configured() })],
    });
    await app.get(DokStampHttpService).axiosRef.get('/certificates');
    expect(api.seen[0]?.body.toString()).toContain('client_id=client-of-the-class');
    expect(apiRequests(api)[0]?.headers['x-tenant']).toBe('tenant-of-the-class');
  });
});

describe('the boot stops', () => {
  const credentials = () => CREDENTIALS;
  it.each<[title: string, options: object, ...faults: RegExp[]]>([
    ['no credentials', {}, /^clientId .*missing/, /^clientSecret .*missing/],
    ['no clientId', { clientSecret: SECRET }, /^clientId .*DOKSTAMP_CLIENT_ID\b/],
    ['no clientSecret', { clientId: 'client-1' }, /^clientSecret .*DOKSTAMP_CLIENT_SECRET\b/],
    ['an empty clientId', { ...CREDENTIALS, clientId: '' }, /^clientId .*DOKSTAMP_CLIENT_ID\b/],
    ['a blank clientSecret', { ...CREDENTIALS, clientSecret: ' \n' }, /^clientSecret .*blank/],
    ['a clientSecret that is a number', { ...CREDENTIALS, clientSecret: 5 }, /^clientSecret /],
    ['both kinds of credentials', { ...CREDENTIALS, credentials }, /^credentials and clientId/],
    ['a function and a clientId', { clientId: 'c', credentials }, /^credentials and clientId/],
    ['credentials that are an object', { credentials: CREDENTIALS }, /^credentials .*function/],
  ])('for %s', async (_, options, ...faults) => {
    expect((await bootError(options)).faults).toEqual(
      faults.map((fault) => expect.stringMatching(fault)),
    );
  });

  it.each<[title: string, options: object, fault: RegExp]>([
    ['a relative URL', { baseURL: '/v1' }, /^baseURL \(DOKSTAMP_BASE_URL\) .*absolute/],
    ['an empty URL', { baseURL: '' }, /^baseURL \(DOKSTAMP_BASE_URL\) .*absolute/],
    ['a URL object', { baseURL: new URL('https://a.example') }, /^baseURL /],
    ['an insecure URL', { baseURL: 'http://a.example' }, /^baseURL .*https:/],
    ['a URL of another protocol', { baseURL: 'ftp://a.example' }, /^baseURL .*https:/],
    ['a URL with user info', { baseURL: 'https://u:p@a.example' }, /^baseURL .*user info/],
    ['a URL with a query', { baseURL: 'https://a.example?b=c' }, /^baseURL .*query/],
    ['a URL with a fragment', { baseURL: 'https://a.example#b' }, /^baseURL .*fragment/],
    ['an empty tenant', { tenant: '' }, /^tenant \(DOKSTAMP_TENANT\) .*non-blank/],
    ['a blank tenant', { tenant: ' \t' }, /^tenant \(DOKSTAMP_TENANT\) .*non-blank/],
    ['a tenant that is a number', { tenant: 5 }, /^tenant /],
    ['a tenant with a line end', { tenant: 'a\r\nb' }, /^tenant .*header/],
    ['a tenant beyond latin1', { tenant: 'универ' }, /^tenant .*header/],
    ['an unknown startup', { startup: 'eager' }, /^startup \(DOKSTAMP_STARTUP\) /],
    ['a startup in capitals', { startup: 'LAZY' }, /^startup /],
    ['a replayOnUnauthorized that is a string', { replayOnUnauthorized: 'no' }, /^replayOnUnauth/],
    ['an allowInsecureHttp that is a number', { allowInsecureHttp: 1 }, /^allowInsecureHttp/],
    ['an http that is a string', { http: 'proxy' }, /^http /],
    ['a tokenStore without methods', { tokenStore: {} }, /^tokenStore .*RedisTokenStore/],
  ])('for %s', async (_, options, fault) => {
    const { faults } = await bootError({ ...CREDENTIALS, ...options });
    expect(faults).toEqual([expect.stringMatching(fault)]);
  });

  it.each([0, -1, Number.NaN, Infinity, -Infinity, '60', true, {}])(
    'for a number that is not finite or not positive: %s',
    async (wrong) => {
      const options = { ...CREDENTIALS, renewBeforeExpiry: wrong, tokenTimeout: wrong };
      expect((await bootError(options)).faults).toEqual([
        expect.stringMatching(/^renewBeforeExpiry \(DOKSTAMP_RENEW_BEFORE_EXPIRY\) .*seconds$/),
        expect.stringMatching(/^tokenTimeout \(DOKSTAMP_TOKEN_TIMEOUT\) .*milliseconds$/),
      ]);
    },
  );

  it.each<unknown>(['options', 5])('for options that are not an object: %j', async (options) => {
    // @ts-expect-error JavaScript callers may return any value.
    const module = DokStampModule.forRootAsync({ useFactory: () => options });
    await expect(boot({ imports: [module] })).rejects.toMatchObject({
      faults: [expect.stringContaining('no options')],
    });
  });

  it.each(['', ' '])('for the name %j', async (name) => {
    expect((await bootError({ ...CREDENTIALS }, name)).faults).toEqual([
      expect.stringMatching(/^name /),
    ]);
  });

  it('with one error that lists every fault', async () => {
    const error = await bootError({
      baseURL: 'http://user:pa55word@a.example/?q=1',
      clientId: ' ',
      tenant: 'a\nb',
      startup: 'eager',
      renewBeforeExpiry: 0,
      tokenTimeout: Number.NaN,
      replayOnUnauthorized: 1,
      http: 1,
    });
    expect(error).toMatchObject({
      name: 'DokStampConfigError',
      code: 'config_invalid',
      retryable: false,
    });
    const texts = ['baseURL', 'baseURL', 'baseURL', 'clientId', 'clientSecret', 'tenant'];
    const others = ['renewBeforeExpiry', 'tokenTimeout', 'startup', 'replayOnUnauthorized', 'http'];
    expect(error.faults.map((fault) => fault.split(' ')[0])).toEqual([...texts, ...others]);
    for (const fault of error.faults) expect(error.message).toContain(fault);
  });

  it('with an error that repeats no value', async () => {
    const error = await bootError({
      baseURL:
        'http://user-of-mine:pa55word-of-mine@host-of-mine.example/?query-of-mine#end-of-mine',
      clientId: 'id-of-mine',
      clientSecret: SECRET,
      credentials: 'text-of-mine',
      tenant: 'tenant-of-mine\n',
      startup: 'startup-of-mine',
      renewBeforeExpiry: 'seconds-of-mine',
      tokenTimeout: 'ms-of-mine',
      replayOnUnauthorized: 'flag-of-mine',
      allowInsecureHttp: 'allowance-of-mine',
      http: 'defaults-of-mine',
    });
    const printed = [
      String(error),
      error.stack,
      JSON.stringify(error),
      inspect(error, { depth: null, showHidden: true }),
    ].join('\n');
    expect(error.faults.length).toBeGreaterThan(10);
    expect(printed).not.toMatch(/of-mine/);
    expect(printed).not.toContain(SECRET);
  });
});
