import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { type Account, createAccount } from './account/account.js';
import { staticOptions } from './account/static-options.js';
import { getDokStampHttpToken, getTokenServiceToken } from './dokstamp.constants.js';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './dokstamp.module-definition.js';
import { DokStampConfigError } from './errors/dokstamp-config.error.js';
import { BARE_CLASS, registrationOf } from './dokstamp.registration.js';
import type {
  DokStampAccountExtras,
  DokStampAsyncOptions,
  DokStampOptions,
} from './options/dokstamp-options.interface.js';
import { dokStampConfig } from './options/dokstamp.config.js';
import type { ResolvedOptions } from './options/resolved-options.js';
import {
  BESIDE_OPTIONS,
  OPTION_NAMES,
  asyncOptionFaults,
  setOptions,
} from './options/set-options.js';
import type { TokenService } from './token/token.service.js';

// In the module of each account, and nowhere else.
const ACCOUNT = Symbol('nestjs-dokstamp/module-account');

/**
 * Registers one DokStamp account: a `TokenService` that fetches and renews the token, and a `DokStampHttpService`
 * that uses it. Wrong options stop the boot with a `DokStampConfigError`, and so does this class if it is imported
 * without `forRoot` or `forRootAsync`. Feature modules do not import it: register the account once, in the root
 * module, with `isGlobal: true`.
 */
@Module({ providers: [BARE_CLASS] })
export class DokStampModule extends ConfigurableModuleClass {
  /**
   * Registers an account with options that are known now.
   *
   * @example
   * ```ts
   * DokStampModule.forRoot({
   *   clientId: 'my-client',
   *   clientSecret: secretOfMyVault,
   *   tenant: 'my-university',
   *   isGlobal: true,
   * })
   * ```
   */
  static override forRoot(options: DokStampOptions & DokStampAccountExtras): DynamicModule {
    // JavaScript may give nothing at all: that is found at boot, with every other fault of the options.
    const { name, isGlobal } = options ?? {};
    const useFactory = () => options && setOptions(options, OPTION_NAMES, BESIDE_OPTIONS);
    return this.forRootAsync({ name, isGlobal, useFactory });
  }

  /**
   * Registers an account whose options are made at boot; without a factory or class they are read from the
   * environment ({@link dokStampConfig}).
   *
   * @example From the environment
   * ```ts
   * // in the root module; ConfigModule reads .env
   * imports: [ConfigModule.forRoot(), DokStampModule.forRootAsync({ isGlobal: true })]
   * ```
   *
   * @example With a secret that is rotated in a vault, and read again before every token request
   * ```ts
   * DokStampModule.forRootAsync({
   *   isGlobal: true,
   *   imports: [VaultModule],
   *   inject: [Vault],
   *   useFactory: (vault: Vault) => ({
   *     credentials: () => vault.read('dokstamp'),
   *     tenant: 'my-university',
   *   }),
   * })
   * ```
   */
  static override forRootAsync(options: DokStampAsyncOptions = {}): DynamicModule {
    return withAccount(super.forRootAsync(withSource(options)), options.name);
  }
}

function withSource(options: DokStampAsyncOptions): DokStampAsyncOptions {
  const { name } = options;
  const faults = asyncOptionFaults(options, BESIDE_OPTIONS);
  const useFactory = () => {
    throw new DokStampConfigError(faults, name);
  };
  if (faults.length > 0) return { name, useFactory };
  // A key without a value is a circular import, not a request for the environment: Nest reports it.
  if ('useFactory' in options || 'useClass' in options || 'useExisting' in options) return options;
  const environment = dokStampConfig.asProvider();
  const imports = [...(options.imports ?? []), ...environment.imports];
  return { ...options, ...environment, imports };
}

function withAccount(definition: DynamicModule, name: string | undefined): DynamicModule {
  const tokenService = getTokenServiceToken(name);
  const httpService = getDokStampHttpToken(name);
  const providers: Provider[] = [
    ...registrationOf(name),
    staticOptions(MODULE_OPTIONS_TOKEN, 'DokStampModule', name),
    {
      provide: ACCOUNT,
      inject: [MODULE_OPTIONS_TOKEN, { token: SchedulerRegistry, optional: true }],
      useFactory: (options: ResolvedOptions, registry?: SchedulerRegistry) =>
        createAccount({ options, registry }),
    },
    { provide: tokenService, inject: [ACCOUNT], useFactory: ({ tokens }: Account) => tokens },
    {
      provide: httpService,
      inject: [ACCOUNT, tokenService],
      useFactory: (account: Account, tokens: TokenService) => account.http(tokens),
    },
  ];
  return {
    ...definition,
    providers: [...(definition.providers ?? []), ...providers],
    exports: [tokenService, httpService],
  };
}
