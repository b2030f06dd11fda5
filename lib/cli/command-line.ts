import { parseArgs } from 'node:util';

export const USAGE = `nestjs-dokstamp: what an app that uses nestjs-dokstamp needs at hand

  npx nestjs-dokstamp check [--env-file <file>] [--json]
      Reads the DOKSTAMP_* variables, asks for one token, calls GET /certificates?per_page=1,
      and says what works and what does not. Ends with 0 where all works, else with 1. What is set
      already counts before the file.

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
  throw new UsageError(
    name === undefined ? 'A command is missing.' : `There is no command ${JSON.stringify(name)}.`,
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
    // Its words name the flag and repeat no value but that of a word too many.
    const { code } = error as NodeJS.ErrnoException;
    const isWord = code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL';
    throw new UsageError(isWord ? 'There is a word too many.' : (error as Error).message);
  }
}

function numberOf(flag: string, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value) || value < 0) throw new UsageError(`${flag} must be a number.`);
  return value;
}

function filled(flag: string, value: string): string {
  if (value.trim() === '') throw new UsageError(`${flag} must not be blank.`);
  return value;
}
