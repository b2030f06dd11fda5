import type { Provider } from '@nestjs/common';
import { onlyRegistration } from './account/only-registration.js';
import { DokStampConfigError } from './errors/dokstamp-config.error.js';

const REGISTRATION = Symbol('nestjs-dokstamp/registration');

/**
 * Every registration overrides this provider of the class, so that only the bare class keeps it. It depends on
 * nothing: so it fails, and is the error that is shown, before Nest misses what an account would have provided.
 */
export const BARE_CLASS: Provider = {
  provide: REGISTRATION,
  useFactory: () => {
    throw new DokStampConfigError([
      'DokStampModule is imported as a bare class, which registers no account: import ' +
        'DokStampModule.forRoot(...) or DokStampModule.forRootAsync(...); in a feature module leave the import out, ' +
        'and register the account once, in the root module, with isGlobal: true',
    ]);
  },
};

/** Marks a module as the registration of this account, and stops the boot if the app has another one. */
export function registrationOf(name: string | undefined): Provider[] {
  const mark = Symbol.for(`nestjs-dokstamp/account${name === undefined ? '' : `/${name}`}`);
  return onlyRegistration(mark, REGISTRATION, (times) => registeredAgain(name, times));
}

function registeredAgain(name: string | undefined, times: number): DokStampConfigError {
  const which = name === undefined ? 'The account without a name' : `The account "${name}"`;
  return new DokStampConfigError(
    [
      `${which} is registered ${times} times, each with a token of its own: ` +
        'register it once with isGlobal: true, import the same module object everywhere, or give it another name',
    ],
    name,
  );
}
