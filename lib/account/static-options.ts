import type { InjectionToken, OnModuleInit, Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { DokStampConfigError } from '../errors/dokstamp-config.error.js';

/**
 * A provider that stops the boot if the options depend on a request-scoped provider. Nest would then make the account
 * again for each request, and would call no hook of it, so that its timers would not end.
 * @param options token of the options in the module of this provider
 * @param module whose options they are
 */
export function staticOptions(options: InjectionToken, module: string, account?: string): Provider {
  const check = Symbol('nestjs-dokstamp/static-options');
  return {
    provide: check,
    inject: [{ token: ModulesContainer, optional: true }],
    useFactory: (modules?: ModulesContainer): OnModuleInit => ({
      // Nest knows all dependencies when it calls the hooks.
      onModuleInit() {
        const all = [...(modules?.values() ?? [])];
        const own = all.find(({ providers }) => providers.has(check));
        if (own?.providers.get(options)?.isDependencyTreeStatic() === false) {
          throw requestScoped(module, account);
        }
      },
    }),
  };
}

function requestScoped(module: string, account: string | undefined): DokStampConfigError {
  return new DokStampConfigError(
    [
      `The options of ${module} depend on a request-scoped provider, so each request would have its own account. ` +
        'Use a tenant function for a tenant per request, and the resolve function of DokStampAccountsModule for ' +
        'credentials per customer.',
    ],
    account,
  );
}
