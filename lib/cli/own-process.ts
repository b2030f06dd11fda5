import { fork } from 'node:child_process';

/** Whether this is the process that {@link runApart} started. */
export function isApart(): boolean {
  return process.send !== undefined;
}

/**
 * Runs the command in a process of its own, which is killed once it has told its exit code: a thread that waits for a
 * file system or a DNS server which hangs cannot be ended from within, and `process.exit()` waits for it.
 */
export async function runApart(args: readonly string[]): Promise<number> {
  // After `--`, Node.js takes none of the flags for its own.
  const execArgv = [...process.execArgv.filter((flag) => flag !== '--'), '--'];
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'] as const;
  const child = fork(process.argv[1] as string, args, { execArgv, stdio: [...stdio] });
  const code = await new Promise<number>((resolve) => {
    child.once('message', (told) => resolve(Number(told)));
    child.once('exit', (told) => resolve(told ?? 1));
  });
  child.kill('SIGKILL');
  return code;
}

/** Tells the exit code to the process that waits for it, if one does. */
export async function tellCode(code: number): Promise<void> {
  if (isApart()) await new Promise((resolve) => process.send?.(code, resolve));
}

/** Ends this process with the one that waits for it; by a signal, which no thread holds up. */
export function endWithParent(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}
