import { ConfigurableModuleBuilder, type Provider } from '@nestjs/common';
import type {
  DokStampAccountExtras,
  DokStampOptions,
} from './options/dokstamp-options.interface.js';
import { resolveOptions } from './options/options.resolver.js';

type OptionsFactory = (...injected: unknown[]) => DokStampOptions | Promise<DokStampOptions>;

const accountExtras: DokStampAccountExtras = { name: undefined, isGlobal: false };

/** `forRoot` and `forRootAsync`, and the token under which a module finds its own checked options. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<DokStampOptions>({
    moduleName: 'DokStamp',
    // Two accounts are two modules also where Nest tells modules apart by what they look like ('deep-hash').
    alwaysTransient: true,
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createDokStampOptions')
    .setExtras(accountExtras, (definition, { name, isGlobal = false }) => ({
      ...definition,
      global: isGlobal,
      providers: definition.providers?.map((provider) => resolving(provider, name)) ?? [],
    }))
    .build();

// Only the checked options are kept in the container; the raw ones, with the secret in plain sight, are let go.
function resolving(provider: Provider, account: string | undefined): Provider {
  if (!('useFactory' in provider) || provider.provide !== MODULE_OPTIONS_TOKEN) return provider;
  const make = provider.useFactory as OptionsFactory;
  return {
    ...provider,
    useFactory: async (...injected: unknown[]) => resolveOptions(await make(...injected), account),
  };
}
