import { isFilled } from './header-value.js';

/** Environment variables by name, without those that are blank. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The `DOKSTAMP_*` variables. A blank one counts as unset: it is what a template leaves where no value is given. */
export function readEnvironment(): Environment {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name, value]) => name.startsWith('DOKSTAMP_') && isFilled(value),
    ),
  );
}
