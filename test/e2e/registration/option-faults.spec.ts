import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigModule } from '@nestjs/config';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampAccounts, DokStampAccountsModule } from '../../../lib/accounts/index.js';
import {
  type DokStampAsyncOptions,
  DokStampModule,
  type DokStampOptions,
  TokenService,
  getTokenServiceToken,
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import { faultsOf } from '../../support/faults.js';
import { account, setUp, tearDown, tokenRequests } from '../../support/registration.js';
import { rejectionOf } from '../../support/stub-account.js';

beforeEach(setUp);
afterEach(tearDown);

/** Options as JavaScript gives them: TypeScript checks the names of a literal only. */
function withNames(names: object): DokStampOptions {
  return { ...account(), ...names };
}

const MISSPELT = { replayOnUnauthorised: false };
const DID_YOU_MEAN = 'replayOnUnauthorised is not an option. Did you mean replayOnUnauthorized?';

class MisspeltFactory {
  createDokStampOptions(): DokStampOptions {
    return withNames(MISSPELT);
  }
}

describe('an option that does not exist', () => {
  it.each([
    ['forRoot', () => DokStampModule.forRoot(withNames(MISSPELT))],
    [
      'the factory of forRootAsync',
      () => DokStampModule.forRootAsync({ useFactory: async () => withNames(MISSPELT) }),
    ],
    ['useClass', () => DokStampModule.forRootAsync({ useClass: MisspeltFactory })],
  ])('stops the boot with the nearest name if %s gives it', async (_, register) => {
    expect(await faultsOf(register())).toEqual([DID_YOU_MEAN]);
    expect(tokenRequests()).toBe(0);
  });

  it.each([
    ['baseUrl', 'baseURL'],
    ['url', 'baseURL'],
    ['client_id', 'clientId'],
    ['clientSecrt', 'clientSecret'],
    ['tenantId', 'tenant'],
    ['START_UP', 'startup'],
    ['renewBeforExpiry', 'renewBeforeExpiry'],
    ['timeout', 'tokenTimeout'],
    ['allowInsecureHTTP', 'allowInsecureHttp'],
    ['httpAgent', 'http'],
  ])('is a fault that names the nearest option: %s, %s', async (name, nearest) => {
    expect(await faultsOf(DokStampModule.forRoot(withNames({ [name]: undefined })))).toEqual([
      `${name} is not an option. Did you mean ${nearest}?`,
    ]);
  });

  it('is a fault that lists all options if none is near', async () => {
    expect(await faultsOf(DokStampModule.forRoot(withNames({ zzz: 'of-mine' })))).toEqual([
      expect.stringMatching(/^zzz is not an option\. The options are baseURL, .*, tokenStore\.$/),
    ]);
  });

  it('is listed with all other faults', async () => {
    const options = withNames({ ...MISSPELT, tokenTimeout: 0 });
    expect(await faultsOf(DokStampModule.forRoot(options))).toEqual([
      expect.stringMatching(/^tokenTimeout /),
      DID_YOU_MEAN,
    ]);
  });

  it('does not stop the boot if a class inherits it', async () => {
    class Configured {
      get clientId(): string {
        return 'client-of-the-class';
      }

      get clientSecret(): string {
        return 'secret-of-the-class';
      }

      get connectionString(): string {
        return 'of the app';
      }
    }
    await using app = await boot({
      imports: [DokStampModule.forRootAsync({ useFactory: () => new Configured() })],
    });
    expect(app.get(TokenService)).toBeInstanceOf(TokenService);
  });
});

describe('name and isGlobal', () => {
  it('are accepted by forRoot', async () => {
    const eu = DokStampModule.forRoot({ ...account(), name: 'eu', isGlobal: true });
    await using app = await boot({ imports: [eu] });
    expect(app.get(getTokenServiceToken('eu'))).toBeInstanceOf(TokenService);
  });

  it('are a fault among the options that a factory returns', async () => {
    const useFactory = () => withNames({ name: 'eu', isGlobal: true });
    expect(await faultsOf(DokStampModule.forRootAsync({ useFactory }))).toEqual([
      'name is not an option. Only forRoot and forRootAsync take it.',
      'isGlobal is not an option. Only forRoot and forRootAsync take it.',
    ]);
  });
});

describe('what forRootAsync takes', () => {
  it.each<[object, string]>([
    [{ isglobal: true }, 'isglobal is not an option of forRootAsync. Did you mean isGlobal?'],
    [
      { useFactroy: () => account() },
      'useFactroy is not an option of forRootAsync. Did you mean useFactory?',
    ],
    [
      { clientId: 'of-mine' },
      'clientId is not an option of forRootAsync. ' +
        'The options are imports, inject, useFactory, useClass, useExisting, ' +
        'provideInjectionTokensFrom, name, isGlobal.',
    ],
  ])('is checked by name: %j', async (given, fault) => {
    const options: DokStampAsyncOptions = given;
    expect(await faultsOf(DokStampModule.forRootAsync(options))).toEqual([fault]);
  });
});

describe('an option of DokStampAccountsModule that does not exist', () => {
  const resolve = () => account();

  it.each([
    [{ maxx: 5 }, 'maxx is not an option. Did you mean max?'],
    [{ idelAfter: 5 }, 'idelAfter is not an option. Did you mean idleAfter?'],
    [MISSPELT, DID_YOU_MEAN],
  ])('stops the boot with the nearest name: %j', async (names, fault) => {
    const options = { resolve, ...names };
    expect(await faultsOf(DokStampAccountsModule.forRoot(options))).toEqual([fault]);
    const useFactory = () => options;
    expect(await faultsOf(DokStampAccountsModule.forRootAsync({ useFactory }))).toEqual([fault]);
  });

  it('does not include isGlobal of forRoot', async () => {
    await using app = await boot({
      imports: [DokStampAccountsModule.forRoot({ resolve, isGlobal: true })],
    });
    expect(app.get(DokStampAccounts)).toBeInstanceOf(DokStampAccounts);
  });

  it('rejects the call if resolve returns it', async () => {
    await using app = await boot({
      imports: [DokStampAccountsModule.forRoot({ resolve: () => withNames(MISSPELT) })],
    });
    expect(await rejectionOf(app.get(DokStampAccounts).get('porto'))).toMatchObject({
      code: 'config_invalid',
      account: 'porto',
      faults: [DID_YOU_MEAN],
    });
    expect(tokenRequests()).toBe(0);
  });
});

describe('all faults of one URL', () => {
  it.each([
    ['ftp://user:pw@x?q#f', ['an https: URL', 'user info', 'a query', 'a fragment']],
    ['http://user:pw@x?q#f', ['https: (http:', 'user info', 'a query', 'a fragment']],
    ['http://x?#', ['https: (http:', 'a query', 'a fragment']],
    ['https://x#f?q', ['a fragment']],
  ])('are listed: %s', async (baseURL, parts) => {
    const faults = await faultsOf(DokStampModule.forRoot({ ...account(), baseURL }));
    expect(faults).toEqual(
      parts.map(() => expect.stringMatching(/^baseURL \(DOKSTAMP_BASE_URL\) must /)),
    );
    for (const [nth, part] of parts.entries()) expect(faults[nth]).toContain(part);
  });

  it('contain no part of its value', async () => {
    const baseURL = 'ftp://user-of-mine:pw-of-mine@host-of-mine?query-of-mine#end-of-mine';
    const faults = await faultsOf(DokStampModule.forRoot({ ...account(), baseURL }));
    expect(faults).toHaveLength(4);
    expect(faults.join()).not.toContain('of-mine');
  });
});

describe('a missing value', () => {
  const LETS_THROUGH = /ConfigModule\.forRoot\(\) loads \.env.* validate .*schema.* DOKSTAMP_\*/;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dokstamp-env-'));
    for (const name of ['DOKSTAMP_CLIENT_ID', 'DOKSTAMP_CLIENT_SECRET'])
      vi.stubEnv(name, undefined);
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is a fault that names the validation of ConfigModule, which drops what it does not return', async () => {
    const envFilePath = join(folder, '.env');
    await writeFile(envFilePath, 'DOKSTAMP_CLIENT_ID=a\nDOKSTAMP_CLIENT_SECRET=b\nPORT=1\n');
    const validate = ({ PORT }: Record<string, unknown>) => ({ PORT });
    const faults = await faultsOf(
      ConfigModule.forRoot({ envFilePath, validate }),
      DokStampModule.forRootAsync(),
    );
    expect(faults).toEqual([
      expect.stringMatching(/^clientId is missing or blank: set DOKSTAMP_CLIENT_ID or /),
      expect.stringMatching(/^clientSecret is missing or blank: set DOKSTAMP_CLIENT_SECRET or /),
    ]);
    for (const fault of faults) expect(fault).toMatch(LETS_THROUGH);
  });

  it('is such a fault too if the other value comes from a mounted file', async () => {
    vi.stubEnv('DOKSTAMP_CLIENT_ID_FILE', join(folder, 'id'));
    expect(await faultsOf(DokStampModule.forRootAsync())).toEqual([
      expect.stringMatching(LETS_THROUGH),
    ]);
  });
});
