import { execFile } from 'node:child_process';

// What this test run says about itself is nothing to the apps.
const OURS = /^(VITEST|NODE_ENV|NODE_OPTIONS|TEST$|DOKSTAMP_|npm_config_local_prefix)/;
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));

/** What a command printed. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a folder and gives what it printed; rejects with all it said when it fails. */
export function outputOf(
  cwd: string,
  command: string,
  ...args: readonly string[]
): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (!error) return resolve({ stdout, stderr });
      reject(new Error(`${[command, ...args].join(' ')}\n${stdout}\n${stderr}`, { cause: error }));
    });
  });
}

/** The same, and gives what it printed to stdout. */
export async function run(
  cwd: string,
  command: string,
  ...args: readonly string[]
): Promise<string> {
  return (await outputOf(cwd, command, ...args)).stdout;
}
