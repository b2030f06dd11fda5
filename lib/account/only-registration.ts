import type { Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

/**
 * Providers of a registration of which an app may have one: they stop the boot where it has more.
 * @param mark from `Symbol.for`, because an app may hold the ESM and the CommonJS copy of this package, with classes of
 * their own
 * @param check token of the provider that looks
 * @param again makes the error
 */
export function onlyRegistration(
  mark: symbol,
  check: symbol,
  again: (times: number) => Error,
): Provider[] {
  return [
    { provide: mark, useValue: true },
    {
      provide: check,
      inject: [ModulesContainer],
      useFactory: (modules: ModulesContainer) => {
        const registered = [...modules.values()].filter(({ providers }) => providers.has(mark));
        if (registered.length > 1) throw again(registered.length);
      },
    },
  ];
}
