export type {
  AccountEvent,
  AccountsHealth,
  DokStampAccount,
  DokStampAccountsAsyncOptions,
  DokStampAccountsOptions,
  DokStampAccountsOptionsFactory,
  SharedAccountOptions,
  UnhealthyAccount,
} from './accounts.interface.js';
export { DokStampAccounts } from './dokstamp-accounts.js';
export { DokStampAccountsModule } from './dokstamp-accounts.module.js';
