import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './repository.js';

/**
 * The command as it is built, run as a process of its own with nothing of ours in its environment.
 * @param flags of Node.js itself
 */
export function startCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  const { PATH = '' } = process.env;
  return spawn(process.execPath, [...flags, `${ROOT}dist/esm/cli/main.js`, ...args], {
    env: { PATH, ...env },
  });
}

/** What a command has said, and its exit code. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command to its end. */
export async function runCommand(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
  flags?: readonly string[],
): Promise<CommandResult> {
  const child = startCommand(args, env, flags);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => (said[name] += chunk.toString()));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}
