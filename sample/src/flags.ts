import { parseArgs } from 'node:util';

/** What `npm start` was told. */
export interface Flags {
  /** End after the job, instead of going on to serve. */
  readonly once: boolean;
  /** Use the account that the environment names, and change things there. */
  readonly real: boolean;
}

const USAGE = 'usage: npm start -- [--once] [--real]';

/** Reads the flags, or says what is wrong with them and how they go. */
export function readFlags(args: string[], complain: (line: string) => void): Flags | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ args, options: { once: flag, real: flag } }).values;
  } catch (error) {
    complain((error as Error).message);
    complain(USAGE);
    return undefined;
  }
}
