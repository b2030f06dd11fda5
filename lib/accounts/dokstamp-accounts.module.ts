import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  Module,
  type Provider,
} from '@nestjs/common';
import { onlyRegistration } from '../account/only-registration.js';
import { staticOptions } from '../account/static-options.js';
import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import type {
  DokStampAccountsAsyncOptions,
  DokStampAccountsOptions,
} from './accounts.interface.js';
import { asyncOptionFaults } from '../options/set-options.js';
import { readAccountsOptions, resolveAccountsOptions } from './accounts-options.js';
import { DokStampAccounts } from './dokstamp-accounts.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<DokStampAccountsOptions>({
    moduleName: 'DokStampAccounts',
    alwaysTransient: true,
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createDokStampAccountsOptions')
    .setExtras({ isGlobal: false }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal ?? false,
    }))
    .build();

const SOURCES = ['useFactory', 'useClass', 'useExisting'];

// A registration brings options of its own, so that only the bare class keeps these.
const BARE_CLASS: Provider = {
  provide: MODULE_OPTIONS_TOKEN,
  useFactory: () => {
    throw new DokStampConfigError([
      'DokStampAccountsModule is imported as a bare class, which has no accounts: import ' +
        'DokStampAccountsModule.forRoot(...) or DokStampAccountsModule.forRootAsync(...) once, in the root module, ' +
        'with isGlobal: true, and in a feature module leave the import out',
    ]);
  },
};

const ONLY_REGISTRATION = onlyRegistration(
  Symbol.for('nestjs-dokstamp/accounts'),
  Symbol('nestjs-dokstamp/accounts-registration'),
  (times) =>
    new DokStampConfigError([
      `DokStampAccountsModule is registered ${times} times, each with accounts of its own: register it once with ` +
        'isGlobal: true, or import the same module object everywhere',
    ]),
);

/** What is wrong with what `forRootAsync` was given. */
function sourceFaults(options: object): string[] {
  const faults = asyncOptionFaults(options, ['isGlobal']);
  if (faults.length > 0 || SOURCES.some((source) => source in options)) return faults;
  return [
    'DokStampAccountsModule.forRootAsync got nothing that makes the options: pass useFactory, useClass or useExisting',
  ];
}

/**
 * Registers `DokStampAccounts`: an account for each customer of the app, found by a key when a request comes in. For
 * pairs that are known at boot, `DokStampModule` with a `name` is enough. Needs `lru-cache`. Wrong options stop the boot
 * with a `DokStampConfigError`, and so does this class if it is imported without `forRoot` or `forRootAsync`, and a
 * second registration: register it once, in the root module, with `isGlobal: true`.
 */
@Module({
  providers: [
    BARE_CLASS,
    {
      provide: DokStampAccounts,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: (options: DokStampAccountsOptions) =>
        new DokStampAccounts(resolveAccountsOptions(options)),
    },
  ],
  exports: [DokStampAccounts],
})
export class DokStampAccountsModule extends ConfigurableModuleClass {
  /**
   * @example
   * ```ts
   * DokStampAccountsModule.forRoot({
   *   resolve: async (university: string) => database.dokStampPairOf(university),
   *   isGlobal: true,
   * })
   * ```
   */
  static override forRoot(
    options: DokStampAccountsOptions & { isGlobal?: boolean | undefined },
  ): DynamicModule {
    const { isGlobal } = options ?? {};
    const useFactory = () =>
      typeof options === 'object' && options !== null
        ? (readAccountsOptions(options, 'isGlobal') as object as DokStampAccountsOptions)
        : options;
    return this.forRootAsync({ isGlobal, useFactory });
  }

  /**
   * @example
   * ```ts
   * DokStampAccountsModule.forRootAsync({
   *   isGlobal: true,
   *   imports: [UniversitiesModule],
   *   inject: [Universities],
   *   useFactory: (universities: Universities) => ({
   *     resolve: (key) => universities.dokStampOptionsOf(key),
   *   }),
   * })
   * ```
   */
  static override forRootAsync(options: DokStampAccountsAsyncOptions): DynamicModule {
    const { isGlobal = false, ...given } = options ?? {};
    const faults = sourceFaults(given);
    const useFactory = () => {
      throw new DokStampConfigError(faults);
    };
    const source = faults.length > 0 ? { useFactory } : given;
    const definition = super.forRootAsync({ ...source, isGlobal });
    const providers = [
      ...(definition.providers ?? []),
      ...ONLY_REGISTRATION,
      staticOptions(MODULE_OPTIONS_TOKEN, 'DokStampAccountsModule'),
    ];
    return { ...definition, providers };
  }
}
