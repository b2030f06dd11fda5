#!/usr/bin/env node
import { endWithParent, isApart, runApart, tellCode } from './own-process.js';

// Who reads may go before all is said, as `head` does: the rest is for nobody.
const unread = new AbortController();
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    unread.abort();
  });
}

void run(process.argv.slice(2)).then(end);

async function run(args: readonly string[]): Promise<number> {
  if (args[0] === 'check' && !isApart()) return runApart(args);
  if (isApart()) endWithParent();
  // Loaded here, as who only waits for the other process needs none of it.
  const commands = await import('./run.js');
  return commands.run(args, unread.signal);
}

/** Ends the process once all is written, whatever is still under way in it. */
async function end(code: number): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(written));
  await tellCode(code);
  process.exit(code);
}

function written(output: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}
