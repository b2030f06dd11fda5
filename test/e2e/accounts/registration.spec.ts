import { Injectable, Module } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { DokStampAccounts, DokStampAccountsModule } from '../../../lib/accounts/index.js';
import type { DokStampConfigError } from '../../../lib/index.js';
import { accountsApp, api, setUp } from '../../support/accounts-app.js';
import { boot } from '../../support/app.js';
import { rejectionOf } from '../../support/stub-account.js';

type ImportedModule = Parameters<typeof boot>[0]['imports'];

beforeEach(setUp);

/** The faults for which the boot stops. */
async function faultsOf(...imports: NonNullable<ImportedModule>): Promise<readonly string[]> {
  const error = await rejectionOf<DokStampConfigError>(boot({ imports }));
  expect(error).toMatchObject({ name: 'DokStampConfigError', code: 'config_invalid' });
  return error.faults;
}

describe('DokStampAccountsModule.forRoot()', () => {
  const resolve = (key: string) => api.optionsOf(key);

  it('stops the boot with each fault of wrong options', async () => {
    const wrong = {
      resolve: 'no',
      max: 0,
      idleAfter: -1,
      logKey: 7,
      clientId: 'id',
      baseURL: 'no',
    };
    // @ts-expect-error JavaScript callers may pass any options.
    const module = DokStampAccountsModule.forRoot(wrong);
    const faults = await faultsOf(module);
    const names = ['resolve', 'max', 'idleAfter', 'logKey', 'clientId', 'baseURL'];
    expect(faults).toEqual(names.map((name) => expect.stringMatching(`^${name} `)));
  });

  it.each<unknown>([undefined, null, 'options'])(
    'stops the boot without options: %j',
    async (given) => {
      // @ts-expect-error JavaScript callers may pass any options.
      const module = DokStampAccountsModule.forRoot(given);
      expect(await faultsOf(module)).toEqual([expect.stringContaining('resolve')]);
    },
  );

  it.each(['clientId', 'clientSecret', 'credentials', 'startup', 'name'])(
    'does not take %s, because it belongs to one account',
    async (option) => {
      const given = { resolve, [option]: 'background' };
      const faults = await faultsOf(DokStampAccountsModule.forRoot(given));
      expect(faults).toEqual([expect.stringMatching(`^${option} .*resolve`)]);
    },
  );

  it.each([1.5, Number.NaN, 1_000_001])('does not take %s for max', async (max) => {
    const faults = await faultsOf(DokStampAccountsModule.forRoot({ resolve, max }));
    expect(faults).toEqual([expect.stringMatching(/^max /)]);
  });

  it.each([0, Number.NaN, Infinity])('does not take %s for idleAfter', async (idleAfter) => {
    const faults = await faultsOf(DokStampAccountsModule.forRoot({ resolve, idleAfter }));
    expect(faults).toEqual([expect.stringMatching(/^idleAfter /)]);
  });

  it.each([1e-9, 0.0005, 1.001, 64.1, 10 / 3, Number.MAX_VALUE])(
    'takes %s seconds for idleAfter',
    async (idleAfter) => {
      await using app = await accountsApp({ idleAfter });
      expect((await app.accounts.get('porto')).key).toBe('porto');
    },
  );

  it('treats undefined and null as left out, and reads accessors and inherited properties', async () => {
    class Shared {
      max = null;
      idleAfter = null;
      logKey = null;
      startup = null;
      credentials = undefined;
      get baseURL() {
        return api.url;
      }
      resolve(key: string) {
        return api.optionsOf(key);
      }
    }
    // @ts-expect-error JavaScript callers may pass null.
    const module = DokStampAccountsModule.forRoot(new Shared());
    await using app = await boot({ imports: [module] });
    const { http } = await app.get(DokStampAccounts).get('porto');
    expect((await http.axiosRef.get('/certificates')).status).toBe(200);
  });
});

describe('DokStampAccountsModule.forRootAsync()', () => {
  it.each<unknown>([undefined, {}, { isGlobal: true }, null])(
    'stops the boot without a factory or class: %j',
    async (given) => {
      // @ts-expect-error JavaScript callers may pass any options.
      const module = DokStampAccountsModule.forRootAsync(given);
      const faults = await faultsOf(module);
      expect(faults).toEqual([expect.stringMatching(/useFactory, useClass or useExisting/)]);
    },
  );

  it('takes a factory', async () => {
    const module = DokStampAccountsModule.forRootAsync({
      isGlobal: true,
      useFactory: async () => ({ resolve: api.optionsOf, baseURL: api.url }),
    });
    await using app = await boot({ imports: [module] });
    const { http } = await app.get(DokStampAccounts).get('porto');
    expect((await http.axiosRef.get('/certificates')).status).toBe(200);
  });

  it('takes a class, whose createDokStampAccountsOptions() returns the options', async () => {
    @Injectable()
    class Factory {
      createDokStampAccountsOptions() {
        return { resolve: api.optionsOf, baseURL: api.url };
      }
    }
    await using app = await boot({
      imports: [DokStampAccountsModule.forRootAsync({ useClass: Factory })],
    });
    const { http } = await app.get(DokStampAccounts).get('porto');
    expect((await http.axiosRef.get('/certificates')).status).toBe(200);
  });
});

describe('DokStampAccountsModule', () => {
  const registration = (isGlobal: boolean) =>
    DokStampAccountsModule.forRoot({ resolve: api.optionsOf, isGlobal });

  it('lets each module inject DokStampAccounts if isGlobal is true', async () => {
    @Injectable()
    class Feature {
      constructor(readonly accounts: DokStampAccounts) {}
    }
    @Module({ providers: [Feature] })
    class FeatureModule {}
    await using app = await boot({ imports: [registration(true), FeatureModule] });
    expect(app.get(Feature).accounts).toBe(app.get(DokStampAccounts));
    await expect(boot({ imports: [registration(false), FeatureModule] })).rejects.toThrow(
      'DokStampAccounts',
    );
  });

  it('stops the boot if it is imported as a bare class, and names isGlobal', async () => {
    @Module({ imports: [DokStampAccountsModule] })
    class FeatureModule {}
    const advice = [expect.stringContaining('isGlobal: true')];
    expect(await faultsOf(FeatureModule)).toEqual(advice);
    expect(await faultsOf(registration(true), FeatureModule)).toEqual(advice);
  });

  it.each([true, false])(
    'stops the boot if it is registered twice (isGlobal: %s)',
    async (isGlobal) => {
      @Module({ imports: [registration(isGlobal)] })
      class FeatureModule {}
      const faults = await faultsOf(registration(isGlobal), FeatureModule);
      expect(faults).toEqual([expect.stringMatching(/2 times.*isGlobal: true/)]);
    },
  );

  it('is one registration if the same module object is imported in several places', async () => {
    const module = registration(false);
    @Module({ imports: [module] })
    class FeatureModule {}
    await using app = await boot({ imports: [module, FeatureModule] });
    expect(app.get(DokStampAccounts).size).toBe(0);
  });
});
