import { parseArgs } from 'node:util';
import { isPlainWord } from './shown-text.js';

export const USAGE = `nestjs-dokstamp: what an app that uses nestjs-dokstamp needs at hand

  npx nestjs-dokstamp check [--env-file <file>] [--json]
      Reads the DOKSTAMP_* variables, asks for one token, calls GET /certificates?per_page=1,
      and says what works and what does not. Ends with 0 where all works, else with 1. What is set
      already, even to nothing, counts before the file, as it does in an app.

  npx nestjs-dokstamp sandbox [--port <port>] [--client-id <id>] [--client-secret <secret>]
                              [--tenant <tenant>] [--expires-in <seconds>]
      Starts a local DokStamp and logs what comes in. By default it takes port 4010, the client id
      sandbox-client, the client secret sandbox-secret and the tenant my-university.

  Called wrongly, it ends with 2.
`;

/** What the command is to do. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'check'; readonly envFile: string | undefined; readonly json: boolean }
  | { readonly name: 'sandbox'; readonly options: SandboxFlags };

export interface SandboxFlags {
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenant: string;
  readonly expiresIn?: number;
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/** @throws {UsageError} for what is no command, an unknown flag or a flag without its value */
export function parseCommand(args: readonly string[]): Command {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') return { name: 'help' };
  if (name === 'check') return checkFrom(rest);
  if (name === 'sandbox') return sandboxFrom(rest);
  if (name === undefined) throw new UsageError('A command is missing.');
  throw new UsageError(
    isPlainWord(name)
      ? `There is no command "${name}".`
      : 'The line does not begin with a command; flags come after it.',
  );
}

function checkFrom(args: string[]): Command {
  const {
    help,
    json,
    'env-file': envFile,
  } = flagsOf(args, {
    'env-file': { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  return help ? { name: 'help' } : { name: 'check', envFile, json: json ?? false };
}

function sandboxFrom(args: string[]): Command {
  const flags = flagsOf(args, {
    port: { type: 'string' },
    'client-id': { type: 'string' },
    'client-secret': { type: 'string' },
    tenant: { type: 'string' },
    'expires-in': { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (flags.help) return { name: 'help' };
  const port = numberOf('--port', flags.port ?? '4010');
  if (!Number.isInteger(port) || port > 65_535) throw new UsageError('--port must be 0 to 65535.');
  const options: SandboxFlags = {
    port,
    clientId: filled('--client-id', flags['client-id'] ?? 'sandbox-client'),
    clientSecret: filled('--client-secret', flags['client-secret'] ?? 'sandbox-secret'),
    tenant: filled('--tenant', flags.tenant ?? 'my-university'),
  };
  const expiresIn = flags['expires-in'];
  if (expiresIn === undefined) return { name: 'sandbox', options };
  const seconds = numberOf('--expires-in', expiresIn);
  if (seconds === 0) throw new UsageError('--expires-in must be more than 0 seconds.');
  return { name: 'sandbox', options: { ...options, expiresIn: seconds } };
}

type Flags = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function flagsOf<T extends Flags>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(faultOf(error as NodeJS.ErrnoException));
  }
}

// The words of Node.js name the flag, and repeat no value but that of a word too many.
function faultOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return 'There is a word too many.';
  const [, unknown] = /^Unknown option '-{1,2}(.*)'/s.exec(message) ?? [];
  if (unknown === undefined || isPlainWord(unknown)) return message;
  return 'There is a flag that it does not have.';
}

function numberOf(flag: string, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value) || value < 0) throw new UsageError(`${flag} must be a number.`);
  return value;
}

function filled(flag: string, value: string): string {
  if (value.trim() === '') throw new UsageError(`${flag} must not be blank.`);
  // It is told as a variable, on a line of its own.
  if (/\p{Cc}/u.test(value)) throw new UsageError(`${flag} must have no control characters.`);
  return value;
}
