import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  Module,
  type Provider,
} from '@nestjs/common';
import { onlyRegistration } from '../account/only-registration.js';
import { DokStampConfigError } from '../errors/dokstamp-config.error.js';
import type {
  DokStampAccountsAsyncOptions,
  DokStampAccountsOptions,
} from './accounts.interface.js';
import { resolveAccountsOptions } from './accounts-options.js';
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

function noSource(): never {
  throw new DokStampConfigError([
    'DokStampAccountsModule.forRootAsync got nothing that makes the options: pass useFactory, useClass or useExisting',
  ]);
}

/**
 * Registers `DokStampAccounts`: an account for each customer of the app, found by a key when a request comes in. For
 * pairs that are known at boot, `DokStampModule` with a `name` is enough. Needs `lru-cache`. Wrong options stop the boot
 * with a `DokStampConfigError`, and so does this class where it is imported without `forRoot` or `forRootAsync`, and a
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
    options: DokStampAccountsOptions & { isGlobal?: boolean },
  ): DynamicModule {
    const { isGlobal } = options ?? {};
    return this.forRootAsync({ isGlobal, useFactory: () => options });
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
    const { isGlobal } = options ?? {};
    const hasSource = SOURCES.some((source) => source in (options ?? {}));
    const definition = super.forRootAsync(hasSource ? options : { isGlobal, useFactory: noSource });
    return { ...definition, providers: [...(definition.providers ?? []), ...ONLY_REGISTRATION] };
  }
}
