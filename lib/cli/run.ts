import { Logger } from '@nestjs/common';
import { runCheck } from './check.command.js';
import { USAGE, UsageError, parseCommand } from './command-line.js';
import { runSandbox } from './sandbox.command.js';

// What the package logs in an app is told here in the words of the command.
Logger.overrideLogger(false);

/** Does what the line says. @param isUnread aborted when nobody reads on @returns the exit code */
export async function run(args: readonly string[], isUnread: AbortSignal): Promise<number> {
  try {
    const command = parseCommand(args);
    if (command.name === 'check') return await runCheck(command.envFile, command.json);
    if (command.name === 'sandbox') return await runSandbox(command.options, isUnread);
    process.stdout.write(USAGE);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}
