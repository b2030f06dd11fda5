import type { ModuleMetadata } from '@nestjs/common';
import {
  DokStampAccounts,
  DokStampAccountsModule,
  type DokStampAccountsOptions,
} from '../../../lib/accounts/index.js';
import { boot } from '../app.js';
import { rejectionOf } from '../requests.js';
import type { Producers } from './produced.js';

/** What `get` and `delete` of the accounts of an app with this `resolve` reject with, for this key. */
async function accountsErrors(resolve: DokStampAccountsOptions['resolve'], key: unknown) {
  await using app = await boot({
    imports: [DokStampAccountsModule.forRoot({ resolve, tokenTimeout: 50 })],
  });
  const accounts = app.get(DokStampAccounts);
  return {
    get: await rejectionOf(accounts.get(key as string)),
    delete: await accounts.delete(key as string).catch((error: unknown) => error as Error),
  };
}

const bootError = (...imports: NonNullable<ModuleMetadata['imports']>) =>
  rejectionOf(boot({ imports }));

const refused = (options: unknown) => bootError(DokStampAccountsModule.forRoot(options as never));

const registration = () => DokStampAccountsModule.forRoot({ resolve: () => undefined });

export const accountsProducers: Producers = {
  'The options of DokStampAccountsModule are refused': async () => [
    await refused({
      resolve: 'of-the-database',
      max: 0,
      idleAfter: -1,
      logKey: 7,
      clientId: 'client-1',
    }),
    await refused(undefined),
    await bootError(DokStampAccountsModule.forRootAsync(undefined as never)),
  ],
  'DokStampAccountsModule is imported as a bare class': async () => [
    await bootError(DokStampAccountsModule),
  ],
  'DokStampAccountsModule is registered more than once': async () => [
    await bootError(registration(), registration()),
  ],
  'No account is known for a key': async () => [
    (await accountsErrors(() => undefined, 'porto')).get,
  ],
  'resolve fails': async () => [
    (await accountsErrors(() => Promise.reject(new TypeError('no database')), 'porto')).get,
    (await accountsErrors(() => new Promise(() => {}), 'porto')).get,
  ],
  'The key of an account is no string': async () => {
    const { get, delete: deleted } = await accountsErrors(() => undefined, undefined);
    return [get, deleted as Error];
  },
};
