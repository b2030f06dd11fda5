import { inspect } from 'node:util';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type DokStampConfigError,
  DokStampHttpService,
  DokStampModule,
  dokStampConfig,
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import { apiRequests, rejectionOf } from '../../support/stub-account.js';
import { stubDokStamp } from '../../support/stub-server.js';

const SECRET = 's3cr3t-of-the-test';
const FILE = '/run/path-of-mine';
const CREDENTIALS = { DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET: SECRET };
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

function environment(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

describe('dokStampConfig', () => {
  it('is the namespace `dokstamp`', () => {
    expect(dokStampConfig.KEY).toBe('CONFIGURATION(dokstamp)');
  });

  it('has no options for variables that are not set', () => {
    environment(CREDENTIALS);
    expect({ ...dokStampConfig() }).toEqual({
      clientId: 'client-1',
      clientSecret: SECRET,
    });
  });

  it('reads every variable, and numbers as numbers', () => {
    environment({
      ...CREDENTIALS,
      DOKSTAMP_BASE_URL: 'https://api.example/v1',
      DOKSTAMP_TENANT: 'my-university',
      DOKSTAMP_STARTUP: 'lazy',
      DOKSTAMP_RENEW_BEFORE_EXPIRY: '90',
      DOKSTAMP_TOKEN_TIMEOUT: '2500',
    });
    expect({ ...dokStampConfig() }).toEqual({
      baseURL: 'https://api.example/v1',
      clientId: 'client-1',
      clientSecret: SECRET,
      tenant: 'my-university',
      startup: 'lazy',
      renewBeforeExpiry: 90,
      tokenTimeout: 2_500,
    });
  });

  it('treats a blank variable as not set', () => {
    environment(Object.fromEntries(VARIABLES.map((name, nth) => [name, nth % 2 ? '' : ' \t'])));
    environment(CREDENTIALS);
    expect({ ...dokStampConfig() }).toEqual({
      clientId: 'client-1',
      clientSecret: SECRET,
    });
  });

  it('has a credentials function if a file is named', () => {
    environment({ DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET_FILE: FILE });
    expect({ ...dokStampConfig() }).toEqual({ credentials: expect.any(Function) });
  });

  it.each(['', ' '])('reads the file if the variable itself is blank: %j', (blank) => {
    environment({
      ...CREDENTIALS,
      DOKSTAMP_CLIENT_SECRET: blank,
      DOKSTAMP_CLIENT_SECRET_FILE: FILE,
    });
    expect({ ...dokStampConfig() }).toEqual({ credentials: expect.any(Function) });
  });

  it('takes the variable itself if that of the file is blank', () => {
    environment({
      ...CREDENTIALS,
      DOKSTAMP_CLIENT_ID_FILE: '',
      DOKSTAMP_CLIENT_SECRET_FILE: ' ',
    });
    expect({ ...dokStampConfig() }).toEqual({
      clientId: 'client-1',
      clientSecret: SECRET,
    });
  });

  it('can be spread into other options', async () => {
    await using api = await stubDokStamp();
    environment({ ...CREDENTIALS, DOKSTAMP_BASE_URL: api.url });
    const useFactory = () => ({ ...dokStampConfig(), tenant: 'of-the-factory' });
    await using app = await boot({ imports: [DokStampModule.forRootAsync({ useFactory })] });
    await app.get(DokStampHttpService).axiosRef.get('/certificates');
    const form = new URLSearchParams(api.seen[0]?.body.toString());
    expect(form.get('client_id')).toBe('client-1');
    expect(form.get('client_secret')).toBe(SECRET);
    expect(apiRequests(api)[0]?.headers['x-tenant']).toBe('of-the-factory');
  });

  it.each<[string, (value: unknown) => string]>([
    ['util.inspect', (value) => inspect(value, { depth: null, showHidden: true })],
    ['JSON.stringify', (value) => JSON.stringify(value)],
    ['JSON.stringify of a holder', (value) => JSON.stringify({ all: [value] })],
    ['console.log of a holder', (value) => inspect({ holder: { value } }, { depth: 9 })],
  ])('shows no secret by %s', (_, print) => {
    environment(CREDENTIALS);
    const printed = print(dokStampConfig());
    expect(printed).not.toContain(SECRET);
    expect(printed).toContain('client-1');
  });
});

describe('with a wrong environment the boot stops', () => {
  /** The faults, none of which repeats a value. */
  async function faultsOf(variables: Record<string, string>): Promise<readonly string[]> {
    environment(variables);
    const error = await rejectionOf<DokStampConfigError>(
      boot({ imports: [DokStampModule.forRootAsync()] }),
    );
    expect(error).toMatchObject({ name: 'DokStampConfigError', code: 'config_invalid' });
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/of-(the-test|mine)/);
    return error.faults;
  }

  it.each<[string, Record<string, string>, RegExp]>([
    ['an empty id', { DOKSTAMP_CLIENT_ID: '' }, /DOKSTAMP_CLIENT_ID\b/],
    ['a blank secret', { DOKSTAMP_CLIENT_SECRET: ' ' }, /DOKSTAMP_CLIENT_SECRET\b/],
    ['a bad URL', { DOKSTAMP_BASE_URL: 'url-of-mine' }, /DOKSTAMP_BASE_URL/],
    ['an unknown startup', { DOKSTAMP_STARTUP: 'soon-of-mine' }, /DOKSTAMP_STARTUP/],
    ['words for a number', { DOKSTAMP_TOKEN_TIMEOUT: 'ms-of-mine' }, /TOKEN_TIMEOUT/],
    ['a zero', { DOKSTAMP_RENEW_BEFORE_EXPIRY: '0' }, /RENEW_BEFORE_EXPIRY/],
    ['a unit', { DOKSTAMP_RENEW_BEFORE_EXPIRY: '60s' }, /RENEW_BEFORE_EXPIRY/],
    ['Infinity', { DOKSTAMP_RENEW_BEFORE_EXPIRY: 'Infinity' }, /RENEW_BEFORE_EXPIRY/],
    ['a secret and its file', { DOKSTAMP_CLIENT_SECRET_FILE: FILE }, /are both set/],
  ])('for %s, and names the variable', async (_, variables, fault) => {
    expect(await faultsOf({ ...CREDENTIALS, ...variables })).toEqual([
      expect.stringMatching(fault),
    ]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['no secret', { DOKSTAMP_CLIENT_ID: 'client-1' }, /^clientSecret .*DOKSTAMP_CLIENT_SECRET\b/],
    ['no secret beside an id file', { DOKSTAMP_CLIENT_ID_FILE: FILE }, /^clientSecret /],
    ['no id beside a secret file', { DOKSTAMP_CLIENT_SECRET_FILE: FILE }, /^clientId /],
    [
      'a blank secret beside an id file',
      { DOKSTAMP_CLIENT_ID_FILE: FILE, DOKSTAMP_CLIENT_SECRET: ' ' },
      /^clientSecret /,
    ],
    [
      'a blank id beside a secret file',
      { DOKSTAMP_CLIENT_ID: '', DOKSTAMP_CLIENT_SECRET_FILE: FILE },
      /^clientId /,
    ],
    [
      'a blank secret file',
      { DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET_FILE: '' },
      /^clientSecret /,
    ],
  ])('for %s, and says what loads .env', async (_, variables, fault) => {
    const faults = await faultsOf(variables);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults).toEqual([expect.stringMatching(/ConfigModule\.forRoot\(\).*\.env/)]);
  });

  it('without any variable, and says what loads .env', async () => {
    const loads = expect.stringMatching(/ConfigModule\.forRoot\(\).*\.env/);
    expect(await faultsOf({})).toEqual([loads, loads]);
  });

  it('with one error for both kinds of credentials and everything else', async () => {
    const faults = await faultsOf({
      ...CREDENTIALS,
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
      expect(faults).toContainEqual(expect.stringContaining(name));
    }
  });
});
