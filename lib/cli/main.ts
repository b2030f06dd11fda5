#!/usr/bin/env node
import { Logger } from '@nestjs/common';
import { runCheck } from './check.command.js';
import { USAGE, UsageError, parseCommand } from './command-line.js';
import { runSandbox } from './sandbox.command.js';

// What the package logs in an app is told here in the words of the command.
Logger.overrideLogger(false);

// Who reads may go before all is said, as `head` does: the rest is for nobody.
const unread = new AbortController();
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    unread.abort();
  });
}

void run(process.argv.slice(2), unread.signal).then(end);

async function run(args: readonly string[], isUnread: AbortSignal): Promise<number> {
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

/** Ends the process once all is written, whatever is still under way in it. */
async function end(code: number): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(written));
  process.exit(code);
}

function written(output: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}
