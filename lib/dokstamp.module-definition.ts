import { ConfigurableModuleBuilder, type Provider } from '@nestjs/common';
import type {
  DokStampAccountExtras,
  DokStampOptions,
} from './options/dokstamp-options.interface.js';
import { mountedFileFaults } from './options/environment-credentials.js';
import { resolveOptions } from './options/options.resolver.js';

type OptionsFactory = (...injected: unknown[]) => DokStampOptions | Promise<DokStampOptions>;

const accountExtras: DokStampAccountExtras = { name: undefined, isGlobal: false };

/** `forRoot` and `forRootAsync`, and the token under which a module finds its own checked options. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<DokStampOptions>({
    moduleName: 'DokStamp',
    // Two accounts are two modules, also if Nest compares modules by their content ('deep-hash').
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

// Only the checked options stay in the container. The raw ones, which show the secret, are dropped.
function resolving(provider: Provider, account: string | undefined): Provider {
  if (!('useFactory' in provider) || provider.provide !== MODULE_OPTIONS_TOKEN) return provider;
  const make = provider.useFactory as OptionsFactory;
  return {
    ...provider,
    useFactory: async (...injected: unknown[]) => {
      const options = await make(...injected);
      return resolveOptions(options, account, await mountedFileFaults(options?.credentials));
    },
  };
}
