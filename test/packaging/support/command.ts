import { execFile } from 'node:child_process';

// An app must not see the variables of this test run.
const OURS = /^(VITEST|NODE_ENV|NODE_OPTIONS|TEST$|DOKSTAMP_|npm_config_local_prefix)/;
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));

/** What a command printed. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a folder. Returns its output; if it fails, rejects with its output as the message. */
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

/** Runs a command in a folder, like `outputOf`. Returns its stdout. */
export async function run(
  cwd: string,
  command: string,
  ...args: readonly string[]
): Promise<string> {
  return (await outputOf(cwd, command, ...args)).stdout;
}
