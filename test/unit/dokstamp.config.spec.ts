import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampConfigError, dokStampConfig } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/options.resolver.js';

const SECRET = 's3cr3t-of-the-test';

const VARIABLES = [
  'DOKSTAMP_BASE_URL',
  'DOKSTAMP_CLIENT_ID',
  'DOKSTAMP_CLIENT_ID_FILE',
  'DOKSTAMP_CLIENT_SECRET',
  'DOKSTAMP_CLIENT_SECRET_FILE',
  'DOKSTAMP_TENANT',
  'DOKSTAMP_STARTUP',
  'DOKSTAMP_RENEW_BEFORE_EXPIRY',
  'DOKSTAMP_TOKEN_TIMEOUT',
];

beforeEach(() => {
  for (const variable of VARIABLES) vi.stubEnv(variable, undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function environment(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

const FILE = '/run/path-of-mine';
const PAIR = { DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET: SECRET };

async function options() {
  return dokStampConfig();
}

describe('the namespace', () => {
  it('is called dokstamp', () => {
    expect(dokStampConfig.KEY).toBe('CONFIGURATION(dokstamp)');
  });

  it('leaves out what the environment does not set', async () => {
    environment(PAIR);
    expect({ ...(await options()) }).toEqual({ clientId: 'client-1', clientSecret: SECRET });
  });

  it('reads every variable, numbers as numbers', async () => {
    environment({
      ...PAIR,
      DOKSTAMP_BASE_URL: 'https://api.example/v1',
      DOKSTAMP_TENANT: 'my-university',
      DOKSTAMP_STARTUP: 'lazy',
      DOKSTAMP_RENEW_BEFORE_EXPIRY: '90',
      DOKSTAMP_TOKEN_TIMEOUT: '2500',
    });
    expect({ ...(await options()) }).toEqual({
      baseURL: 'https://api.example/v1',
      clientId: 'client-1',
      clientSecret: SECRET,
      tenant: 'my-university',
      startup: 'lazy',
      renewBeforeExpiry: 90,
      tokenTimeout: 2_500,
    });
  });

  it('leaves out what is blank', async () => {
    environment(Object.fromEntries(VARIABLES.map((name, nth) => [name, nth % 2 ? '' : ' \t'])));
    environment(PAIR);
    expect({ ...(await options()) }).toEqual({ clientId: 'client-1', clientSecret: SECRET });
  });

  it.each(['', ' '])('takes the file where the value is blank: %j', async (blank) => {
    environment({ ...PAIR, DOKSTAMP_CLIENT_SECRET: blank, DOKSTAMP_CLIENT_SECRET_FILE: FILE });
    expect({ ...(await options()) }).toEqual({ credentials: expect.any(Function) });
  });

  it('takes the value where the file is blank', async () => {
    environment({ ...PAIR, DOKSTAMP_CLIENT_ID_FILE: '', DOKSTAMP_CLIENT_SECRET_FILE: ' ' });
    expect({ ...(await options()) }).toEqual({ clientId: 'client-1', clientSecret: SECRET });
  });

  it('gives a credentials function where a file is named', async () => {
    environment({ DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET_FILE: '/run/secret' });
    expect({ ...(await options()) }).toEqual({ credentials: expect.any(Function) });
  });

  it('gives options that the check accepts, spread or not', async () => {
    environment(PAIR);
    const namespace = await options();
    for (const given of [namespace, { ...namespace, startup: 'lazy' as const }]) {
      const { credentials } = resolveOptions(given);
      expect(await credentials.read(false)).toEqual({ clientId: 'client-1', clientSecret: SECRET });
    }
  });
});

describe('printing the namespace', () => {
  it.each([
    ['util.inspect', (value: unknown) => inspect(value, { depth: null, showHidden: true })],
    ['JSON.stringify', (value: unknown) => JSON.stringify(value)],
    ['JSON.stringify in something else', (value: unknown) => JSON.stringify({ all: [value] })],
    ['console.log of a holder', (value: unknown) => inspect({ holder: { value } }, { depth: 9 })],
  ])('shows no secret: %s', async (_, print) => {
    environment(PAIR);
    const printed = print(await options());
    expect(printed).not.toContain(SECRET);
    expect(printed).toContain('client-1');
  });
});

describe('a wrong environment', () => {
  async function faults(variables: Record<string, string>): Promise<readonly string[]> {
    environment(variables);
    try {
      return resolveOptions(await options()) && [];
    } catch (error) {
      if (!(error instanceof DokStampConfigError)) throw error;
      expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/of-(the-test|mine)/);
      return error.faults;
    }
  }

  it.each([
    ['an empty id', { ...PAIR, DOKSTAMP_CLIENT_ID: '' }, /DOKSTAMP_CLIENT_ID\b/],
    ['a blank secret', { ...PAIR, DOKSTAMP_CLIENT_SECRET: ' ' }, /DOKSTAMP_CLIENT_SECRET\b/],
    ['no secret', { DOKSTAMP_CLIENT_ID: 'client-1' }, /DOKSTAMP_CLIENT_SECRET\b/],
    ['a bad URL', { ...PAIR, DOKSTAMP_BASE_URL: 'url-of-mine' }, /DOKSTAMP_BASE_URL/],
    ['an unknown startup', { ...PAIR, DOKSTAMP_STARTUP: 'soon-of-mine' }, /DOKSTAMP_STARTUP/],
    ['words for a number', { ...PAIR, DOKSTAMP_TOKEN_TIMEOUT: 'ms-of-mine' }, /TOKEN_TIMEOUT/],
    ['a zero', { ...PAIR, DOKSTAMP_RENEW_BEFORE_EXPIRY: '0' }, /RENEW_BEFORE_EXPIRY/],
    ['a unit', { ...PAIR, DOKSTAMP_RENEW_BEFORE_EXPIRY: '60s' }, /RENEW_BEFORE_EXPIRY/],
    ['Infinity', { ...PAIR, DOKSTAMP_RENEW_BEFORE_EXPIRY: 'Infinity' }, /RENEW_BEFORE_EXPIRY/],
  ])('is refused for %s, naming the variable', async (_, variables, named) => {
    expect(await faults(variables)).toEqual([expect.stringMatching(named)]);
  });

  it('is refused for an id beside its file', async () => {
    const both = { ...PAIR, DOKSTAMP_CLIENT_ID_FILE: FILE };
    expect(await faults(both)).toContainEqual(
      expect.stringContaining('DOKSTAMP_CLIENT_ID and DOKSTAMP_CLIENT_ID_FILE are both set'),
    );
  });

  it('is refused for both kinds and everything else in one error', async () => {
    const found = await faults({
      ...PAIR,
      DOKSTAMP_CLIENT_ID_FILE: FILE,
      DOKSTAMP_CLIENT_SECRET_FILE: FILE,
      DOKSTAMP_BASE_URL: 'http://host-of-mine.example',
      DOKSTAMP_STARTUP: 'eager-of-mine',
      DOKSTAMP_TENANT: 'a\nb',
      DOKSTAMP_TOKEN_TIMEOUT: '-1',
    });
    for (const name of [
      'DOKSTAMP_CLIENT_ID and DOKSTAMP_CLIENT_ID_FILE',
      'DOKSTAMP_CLIENT_SECRET and DOKSTAMP_CLIENT_SECRET_FILE',
      'DOKSTAMP_BASE_URL',
      'DOKSTAMP_STARTUP',
      'DOKSTAMP_TENANT',
      'DOKSTAMP_TOKEN_TIMEOUT',
    ]) {
      expect(found).toContainEqual(expect.stringContaining(name));
    }
  });

  it.each([
    ['a secret beside its file', { ...PAIR, DOKSTAMP_CLIENT_SECRET_FILE: FILE }, /are both set/],
    ['no secret beside an id file', { DOKSTAMP_CLIENT_ID_FILE: FILE }, /^clientSecret is missing/],
    ['no id beside a secret file', { DOKSTAMP_CLIENT_SECRET_FILE: FILE }, /^clientId is missing/],
  ])('is refused for %s, and for nothing else', async (_, variables, only) => {
    expect(await faults(variables)).toEqual([expect.stringMatching(only)]);
  });

  it.each([
    ['secret', { DOKSTAMP_CLIENT_ID_FILE: FILE, DOKSTAMP_CLIENT_SECRET: ' ' }],
    ['id', { DOKSTAMP_CLIENT_ID: '', DOKSTAMP_CLIENT_SECRET_FILE: FILE }],
  ])('is refused for a blank %s though the other comes from a file', async (_, variables) => {
    expect(await faults(variables)).toEqual([expect.stringMatching(/ is missing or blank/)]);
  });

  it('is refused for a blank file as for none', async () => {
    const blank = { DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET_FILE: '' };
    expect(await faults(blank)).toEqual([expect.stringMatching(/^clientSecret is missing/)]);
  });

  it('says what loads .env where a credential is missing', async () => {
    const loads = expect.stringContaining('ConfigModule.forRoot() loads .env');
    expect(await faults({})).toEqual([loads, loads]);
    expect(await faults({ DOKSTAMP_CLIENT_ID_FILE: FILE })).toEqual([loads]);
  });
});
