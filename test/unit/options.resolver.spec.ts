import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DokStampConfigError, type DokStampOptions } from '../../lib/index.js';
import { optionFaults, resolveOptions } from '../../lib/options/options.resolver.js';

const SECRET = 's3cr3t-of-the-test';
const PAIR = { clientId: 'client-1', clientSecret: SECRET };

const credentials = () => PAIR;

/** Options as a JavaScript caller may write them. */
const loosely = (options: object) => options as DokStampOptions;

function refusal(options: object | undefined, account?: string): DokStampConfigError {
  try {
    resolveOptions(options as DokStampOptions, account);
  } catch (error) {
    if (error instanceof DokStampConfigError) return error;
    throw error;
  }
  throw new Error('The options were accepted.');
}

describe('good options', () => {
  it('get the defaults of what they leave out', () => {
    expect(resolveOptions(PAIR)).toMatchObject({
      baseURL: 'https://api.dokstamp.com',
      tenant: undefined,
      startup: 'background',
      renewBeforeExpiry: 60,
      tokenTimeout: 10_000,
      replayOnUnauthorized: true,
      http: {},
    });
  });

  it('keep what they say', () => {
    const tenant = () => 'my-university';
    const said = {
      tenant,
      startup: 'lazy' as const,
      renewBeforeExpiry: 0.5,
      tokenTimeout: 1,
      replayOnUnauthorized: false,
      http: { timeout: 5 },
    };
    expect(resolveOptions({ ...PAIR, ...said })).toMatchObject(said);
  });

  it.each([
    ['https://api.example', 'https://api.example'],
    ['https://api.example/', 'https://api.example'],
    ['https://api.example/v1', 'https://api.example/v1'],
    ['https://api.example/v1/', 'https://api.example/v1'],
    ['HTTPS://API.Example:443/v1//', 'https://api.example/v1'],
  ])('may give the base URL as %s', (baseURL, kept) => {
    expect(resolveOptions({ ...PAIR, baseURL }).baseURL).toBe(kept);
  });

  it.each<'background' | 'required' | 'lazy'>(['background', 'required', 'lazy'])(
    'may start %s',
    (startup) => {
      expect(resolveOptions({ ...PAIR, startup }).startup).toBe(startup);
    },
  );

  it('read a pair from constants, which never differs', async () => {
    const origin = resolveOptions(PAIR).credentials;
    expect(origin.rereadable).toBe(false);
    expect(await origin.read(false)).toEqual(PAIR);
  });

  it('read a pair from the function each time', async () => {
    let calls = 0;
    const { credentials: origin } = resolveOptions({
      credentials: async () => ({ ...PAIR, clientId: `client-${++calls}` }),
    });
    expect(origin.rereadable).toBe(true);
    expect(await origin.read(false)).toMatchObject({ clientId: 'client-1' });
    expect(await origin.read(false)).toMatchObject({ clientId: 'client-2' });
  });

  it('take null and undefined for left out', () => {
    const empty = {
      baseURL: null,
      credentials: null,
      tenant: undefined,
      startup: null,
      renewBeforeExpiry: undefined,
      tokenTimeout: null,
      replayOnUnauthorized: null,
      allowInsecureHttp: undefined,
      http: null,
    };
    const resolved = resolveOptions(loosely({ ...PAIR, ...empty }));
    const { credentials: _, ...rest } = resolveOptions(PAIR);
    expect(resolved).toMatchObject(rest);
  });

  it('show no secret once they are checked', () => {
    const resolved = resolveOptions(PAIR);
    expect(inspect(resolved, { depth: null, showHidden: true })).not.toContain(SECRET);
    expect(JSON.stringify(resolved)).not.toContain(SECRET);
  });
});

describe('wrong options', () => {
  const CASES: [title: string, options: object, faults: RegExp[]][] = [
    ['no credentials', {}, [/^clientId .*missing/, /^clientSecret .*missing/]],
    ['no clientId', { clientSecret: SECRET }, [/^clientId .*DOKSTAMP_CLIENT_ID\b/]],
    ['no clientSecret', { clientId: 'client-1' }, [/^clientSecret .*DOKSTAMP_CLIENT_SECRET\b/]],
    ['an empty clientId', { ...PAIR, clientId: '' }, [/^clientId .*DOKSTAMP_CLIENT_ID\b/]],
    ['a blank clientSecret', { ...PAIR, clientSecret: ' \n' }, [/^clientSecret .*blank/]],
    ['a clientSecret that is no text', { ...PAIR, clientSecret: 5 }, [/^clientSecret /]],
    ['both kinds of credentials', { ...PAIR, credentials }, [/keep one of the two kinds/]],
    ['a function and a clientId', { clientId: 'c', credentials }, [/keep one of the two kinds/]],
    ['credentials that are a pair', { credentials: PAIR }, [/^credentials must be a function/]],
    ['a relative URL', { ...PAIR, baseURL: '/v1' }, [/^baseURL \(DOKSTAMP_BASE_URL\) .*absolute/]],
    ['an empty URL', { ...PAIR, baseURL: '' }, [/^baseURL \(DOKSTAMP_BASE_URL\) .*absolute/]],
    ['a URL object', { ...PAIR, baseURL: new URL('https://a.example') }, [/^baseURL /]],
    ['an insecure URL', { ...PAIR, baseURL: 'http://a.example' }, [/^baseURL .*https:/]],
    ['a URL of another kind', { ...PAIR, baseURL: 'ftp://a.example' }, [/^baseURL .*https:/]],
    [
      'a URL with user info',
      { ...PAIR, baseURL: 'https://u:p@a.example' },
      [/^baseURL .*user info/],
    ],
    ['a URL with a query', { ...PAIR, baseURL: 'https://a.example?b=c' }, [/^baseURL .*query/]],
    ['a URL with a fragment', { ...PAIR, baseURL: 'https://a.example#b' }, [/^baseURL .*fragment/]],
    ['an empty tenant', { ...PAIR, tenant: '' }, [/^tenant \(DOKSTAMP_TENANT\) .*non-blank/]],
    ['a blank tenant', { ...PAIR, tenant: ' \t' }, [/^tenant \(DOKSTAMP_TENANT\) .*non-blank/]],
    ['a tenant that is no text', { ...PAIR, tenant: 5 }, [/^tenant /]],
    ['a tenant with a line end', { ...PAIR, tenant: 'a\r\nb' }, [/^tenant .*no header may carry/]],
    ['a tenant beyond latin1', { ...PAIR, tenant: 'универ' }, [/^tenant .*no header may carry/]],
    ['an unknown startup', { ...PAIR, startup: 'eager' }, [/^startup \(DOKSTAMP_STARTUP\) /]],
    ['a startup in capitals', { ...PAIR, startup: 'LAZY' }, [/^startup /]],
    ['a flag that is no boolean', { ...PAIR, replayOnUnauthorized: 'no' }, [/^replayOnUnauth/]],
    ['an allowance that is no boolean', { ...PAIR, allowInsecureHttp: 1 }, [/^allowInsecureHttp/]],
    ['http that is no object', { ...PAIR, http: 'proxy' }, [/^http must be an object/]],
  ];

  it.each(CASES)('are refused for %s', (_, options, faults) => {
    expect(refusal(options).faults).toEqual(faults.map((fault) => expect.stringMatching(fault)));
  });

  const NUMBERS = [0, -1, Number.NaN, Infinity, -Infinity, '60', true, {}];

  it.each(NUMBERS)('are refused for a number that is not finite or not positive: %s', (wrong) => {
    const { faults } = refusal({ ...PAIR, renewBeforeExpiry: wrong, tokenTimeout: wrong });
    expect(faults).toEqual([
      expect.stringMatching(/^renewBeforeExpiry \(DOKSTAMP_RENEW_BEFORE_EXPIRY\) .*seconds$/),
      expect.stringMatching(/^tokenTimeout \(DOKSTAMP_TOKEN_TIMEOUT\) .*milliseconds$/),
    ]);
  });

  it.each([[undefined], [null], ['options'], [5]])('are refused when they are %j', (options) => {
    expect(refusal(options as never).faults).toEqual([
      expect.stringContaining('no options were given'),
    ]);
  });

  it('are refused with one error that lists every fault', () => {
    const error = refusal({
      baseURL: 'http://user:pa55word@a.example/?q=1',
      clientId: ' ',
      tenant: 'a\nb',
      startup: 'eager',
      renewBeforeExpiry: 0,
      tokenTimeout: Number.NaN,
      replayOnUnauthorized: 1,
      http: 1,
    });
    const named = ['baseURL', 'baseURL', 'baseURL', 'clientId', 'clientSecret', 'tenant'];
    const others = ['renewBeforeExpiry', 'tokenTimeout', 'startup', 'replayOnUnauthorized', 'http'];
    expect(error.faults.map((fault) => fault.split(' ')[0])).toEqual([...named, ...others]);
    for (const fault of error.faults) expect(error.message).toContain(fault);
  });

  it('are refused with an error that tells what it is and of which account', () => {
    const error = refusal({}, 'eu');
    expect(error).toMatchObject({ name: 'DokStampConfigError', code: 'config_invalid' });
    expect(error.retryable).toBe(false);
    expect(error.message).toContain('"eu"');
  });

  it.each([[''], [' '], [5], [null]])('are refused for the name %j', (name) => {
    const { faults } = refusal(PAIR, name as string);
    expect(faults).toEqual([expect.stringMatching(/^name must be/)]);
  });

  it('are never repeated in the error, secret or not', () => {
    const values = {
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
    };
    const error = refusal(values);
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

  it('are all told without a throw, so that other faults can be added', () => {
    expect(optionFaults({})).toHaveLength(2);
    expect(optionFaults(PAIR)).toEqual([]);
  });
});

describe('options given by a class', () => {
  it('are read from its accessors too', async () => {
    class Configured {
      get clientId(): string {
        return 'client-1';
      }

      get clientSecret(): string {
        return 'secret-1';
      }

      get tenant(): string {
        return 'of-the-class';
      }
    }
    const { credentials, tenant } = resolveOptions(new Configured());
    expect(await credentials.read(false)).toEqual({
      clientId: 'client-1',
      clientSecret: 'secret-1',
    });
    expect(tenant).toBe('of-the-class');
  });
});
