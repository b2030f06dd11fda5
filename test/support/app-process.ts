import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { DokStampSandbox } from '../../lib/testing/index.js';
import { ROOT } from './repository.js';

/** What `scripts/app.mjs` can do. */
type Scenario = 'one call' | 'startup only' | 'close' | 'serve';

/** How a process ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** An app of the built package, in a process of its own. */
export interface AppProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  readonly nextLine: () => Promise<string>;
}

/** Starts it, with an account at this sandbox. An unhandled rejection ends it with an error. */
export function startApp(
  scenario: Scenario,
  sandbox: DokStampSandbox,
  credentials: object = sandbox.credentials,
): AppProcess {
  const script = `${ROOT}test/support/scripts/app.mjs`;
  const args = [script, sandbox.url, JSON.stringify(credentials), scenario];
  const child = spawn(process.execPath, ['--unhandled-rejections=strict', ...args]);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    lines,
    stderr,
  }));
  return { child, ended, nextLine: async () => String((await once(reader, 'line'))[0]) };
}
