import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import { getDokStampHttpToken, getTokenServiceToken } from './dokstamp.constants.js';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './dokstamp.module-definition.js';
import { DokStampConfigError } from './errors/dokstamp-config.error.js';
import { createHttpService } from './http/http-service.factory.js';
import type {
  DokStampAccountExtras,
  DokStampAsyncOptions,
  DokStampOptions,
} from './options/dokstamp-options.interface.js';
import { dokStampConfig } from './options/dokstamp.config.js';
import type { ResolvedOptions } from './options/resolved-options.js';
import { createTokenService } from './token/token-service.factory.js';

/**
 * Registers one DokStamp account: a `TokenService` that fetches and renews the token, and a `DokStampHttpService`
 * that uses it. Wrong options stop the boot with a `DokStampConfigError`.
 */
@Module({})
export class DokStampModule extends ConfigurableModuleClass {
  /** Registers an account with options that are known now. */
  static override forRoot(options: DokStampOptions & DokStampAccountExtras): DynamicModule {
    return withAccount(super.forRoot(options), options.name);
  }

  /**
   * Registers an account whose options are made at boot; without an argument they are read from the environment
   * ({@link dokStampConfig}).
   */
  static override forRootAsync(
    options: DokStampAsyncOptions = dokStampConfig.asProvider(),
  ): DynamicModule {
    return withAccount(super.forRootAsync(options), options.name);
  }
}

function withAccount(definition: DynamicModule, name: string | undefined): DynamicModule {
  const tokenService = getTokenServiceToken(name);
  const httpService = getDokStampHttpToken(name);
  const providers: Provider[] = [
    {
      provide: tokenService,
      inject: [
        MODULE_OPTIONS_TOKEN,
        ModulesContainer,
        { token: SchedulerRegistry, optional: true },
      ],
      useFactory: (
        options: ResolvedOptions,
        modules: ModulesContainer,
        registry?: SchedulerRegistry,
      ) => {
        refuseSecondRegistration(modules, name);
        return createTokenService({ options, account: name, registry });
      },
    },
    {
      provide: httpService,
      inject: [MODULE_OPTIONS_TOKEN, tokenService],
      useFactory: createHttpService,
    },
  ];
  return {
    ...definition,
    providers: [...(definition.providers ?? []), ...providers],
    exports: [tokenService, httpService],
  };
}

function refuseSecondRegistration(modules: ModulesContainer, name: string | undefined): void {
  const token = getDokStampHttpToken(name);
  const registered = [...modules.values()].filter(
    ({ metatype, providers }) => metatype === DokStampModule && providers.has(token),
  );
  if (registered.length < 2) return;
  const which = name === undefined ? 'The account without a name' : `The account "${name}"`;
  throw new DokStampConfigError(
    [
      `${which} is registered ${registered.length} times, each with a token of its own: ` +
        'register it once with isGlobal: true, import the same module object everywhere, or give it another name',
    ],
    name,
  );
}
