import { run } from './command.js';
import { REPOSITORY } from './tarball.js';

/** The binary of a version of Node.js, such as `22`. It is installed if it is missing. */
export async function nodeBinary(version: string): Promise<string> {
  const script = 'scripts/check/print-node.mjs';
  return (await run(REPOSITORY, process.execPath, script, version)).trim();
}
