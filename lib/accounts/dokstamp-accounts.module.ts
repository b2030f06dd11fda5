import { ConfigurableModuleBuilder, type DynamicModule, Module } from '@nestjs/common';
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

/**
 * Registers `DokStampAccounts`: an account for each customer of the app, found by a key when a request comes in. For
 * pairs that are known at boot, `DokStampModule` with a `name` is enough. Needs `lru-cache`.
 */
@Module({
  providers: [
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
    return this.forRootAsync({ isGlobal, useFactory: () => withoutExtras(options) });
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
    return super.forRootAsync(options);
  }
}

function withoutExtras(
  options: DokStampAccountsOptions & { isGlobal?: boolean },
): DokStampAccountsOptions {
  if (typeof options !== 'object' || options === null) return options;
  const { isGlobal: _, ...rest } = options;
  return rest;
}
