import { isFilled } from './header-value.js';

/** Environment variables by name, without those that are blank. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The `DOKSTAMP_*` variables. A blank one counts as unset, because templates leave blank what has no value. */
export function readEnvironment(): Environment {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name, value]) => name.startsWith('DOKSTAMP_') && isFilled(value),
    ),
  );
}
