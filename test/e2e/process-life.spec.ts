import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';

const script = fileURLToPath(new URL('../support/scripts/app.mjs', import.meta.url));

let sandbox: DokStampSandbox;

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(() => sandbox.stop());

/** Starts the script; it must end by itself (or by a signal) and say nothing on stderr. */
function run(scenario: string, credentials: object = sandbox.credentials) {
  const args = [
    '--unhandled-rejections=strict',
    script,
    sandbox.url,
    JSON.stringify(credentials),
    scenario,
  ];
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, args);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, lines, errors }));
  return { child, ended, nextLine: async () => String((await once(reader, 'line'))[0]) };
}

describe('the life of a process', () => {
  it('ends by itself after one call', async () => {
    expect(await run('one call').ended).toEqual({
      code: 0,
      signal: null,
      lines: ['200'],
      errors: '',
    });
  });

  it('ends by itself, with no unhandled rejection, when the token that nobody waits for is refused', async () => {
    const refused = { clientId: 'id', clientSecret: 'not-the-one' };
    expect(await run('nobody waits', refused).ended).toEqual({
      code: 0,
      signal: null,
      lines: ['booted'],
      errors: '',
    });
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('has tokens in beforeApplicationShutdown, and no handle left after app.close()', async () => {
    const { code, lines, errors } = await run('close').ended;
    expect({ code, lines, errors }).toEqual({
      code: 0,
      lines: ['200', 'token before shutdown', 'closed'],
      errors: '',
    });
  });

  it('is not delayed by our timer when SIGTERM comes', async () => {
    const { child, ended, nextLine } = run('serve');
    expect(await nextLine()).toBe('200');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ lines: ['200', 'token before shutdown'], errors: '' });
  });

  it('serves no dead token when it was frozen over the end of one', async () => {
    sandbox.expireIn(2);
    const { child, ended, nextLine } = run('serve');
    expect(await nextLine()).toBe('200');
    child.kill('SIGSTOP');
    // The one wait of this suite: the clocks of a frozen process cannot be moved from outside.
    await sleep(2_500);
    child.stdin.write('call\n');
    child.kill('SIGCONT');
    expect(await nextLine()).toBe('200');
    expect(sandbox.requests.map(({ status }) => status)).not.toContain(401);
    child.kill('SIGTERM');
    await ended;
  });
});

describe('accounts that have gone', () => {
  it('are collected, and leave no timer', async () => {
    const file = fileURLToPath(new URL('../support/scripts/many-accounts.mjs', import.meta.url));
    const args = [file, sandbox.url, JSON.stringify(sandbox.credentials), '200', '10'];
    const child = spawn(process.execPath, ['--expose-gc', ...args]);
    child.stderr.pipe(process.stderr);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { kept, alive, timers } = JSON.parse(line) as Record<string, number>;
    expect(kept).toBe(10);
    // The last one may still be on the stack.
    expect(alive).toBeLessThanOrEqual(12);
    // One for each that is kept, and those of the cache and of sockets.
    expect(timers).toBeGreaterThanOrEqual(kept!);
    expect(timers).toBeLessThanOrEqual(20);
  });
});
