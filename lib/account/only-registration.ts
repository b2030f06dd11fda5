import type { Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { twoCopiesOfNest } from './nest-copies.js';

/**
 * Providers of a registration of which an app may have one: they stop the boot if it has more.
 * @param mark from `Symbol.for`, because an app may hold the ESM and the CommonJS copy of this package, with classes of
 * their own
 * @param check token of the provider that counts
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
      // Optional, because another copy of @nestjs/core provides another class.
      inject: [{ token: ModulesContainer, optional: true }],
      useFactory: (modules?: ModulesContainer) => {
        if (!modules) throw twoCopiesOfNest();
        const registered = [...modules.values()].filter(({ providers }) => providers.has(mark));
        if (registered.length > 1) throw again(registered.length);
      },
    },
  ];
}
