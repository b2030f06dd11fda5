import { once } from 'node:events';
import { DokStampSandbox } from '../testing/index.js';
import { type SandboxFlags, UsageError } from './command-line.js';
import { shownPath } from './shown-text.js';

/**
 * `nestjs-dokstamp sandbox`: runs until it gets SIGINT or SIGTERM, or nobody reads what it says. @returns the exit code
 * @throws {UsageError} where the port is taken
 */
export async function runSandbox(flags: SandboxFlags, isUnread: AbortSignal): Promise<number> {
  const sandbox = await started(flags);
  const stopped = Promise.race([
    once(process, 'SIGINT'),
    once(process, 'SIGTERM'),
    once(isUnread, 'abort'),
  ]);
  write(`DokStamp sandbox at ${sandbox.url}; stop it with Ctrl+C.`);
  write('');
  write(`DOKSTAMP_BASE_URL=${sandbox.url}`);
  write(`DOKSTAMP_CLIENT_ID=${flags.clientId}`);
  write('DOKSTAMP_CLIENT_SECRET: what --client-secret gives; --help tells the default');
  write(`DOKSTAMP_TENANT=${flags.tenant}`);
  write('');
  await stopped;
  await sandbox.stop();
  return 0;
}

async function started(flags: SandboxFlags): Promise<DokStampSandbox> {
  try {
    return await DokStampSandbox.start({
      ...flags,
      keepRequests: 0,
      onAnswer: ({ method, path, status }) =>
        write(`${new Date().toISOString()} ${method} ${shownPath(path)} ${status ?? 'unanswered'}`),
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new UsageError(`The port ${flags.port} cannot be had (${code}). Give another by --port.`);
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
