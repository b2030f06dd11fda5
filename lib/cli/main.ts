#!/usr/bin/env node
import { Logger } from '@nestjs/common';
import { runCheck } from './check.command.js';
import { USAGE, UsageError, parseCommand } from './command-line.js';
import { runSandbox } from './sandbox.command.js';

// What the package logs in an app is told here in the words of the command.
Logger.overrideLogger(false);

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});

async function run(args: readonly string[]): Promise<number> {
  try {
    const command = parseCommand(args);
    if (command.name === 'check') return await runCheck(command.envFile, command.json);
    if (command.name === 'sandbox') return await runSandbox(command.options);
    process.stdout.write(USAGE);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}
