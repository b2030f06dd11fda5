import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { startApp } from '../../support/app-process.js';
import { ROOT } from '../../support/repository.js';

const FINE = { code: 0, signal: null, stderr: '' };

// Each test starts a process and shares nothing, so they run side by side.
describe.concurrent('the process of an app', () => {
  it('ends by itself after one call', async () => {
    await using sandbox = await DokStampSandbox.start();
    const { ended } = startApp('one call', sandbox);
    expect(await ended).toEqual({ ...FINE, lines: ['200'] });
  });

  it('ends by itself, without an unhandled rejection, if the first token request of the boot is rejected', async () => {
    await using sandbox = await DokStampSandbox.start();
    const rejected = { clientId: 'id', clientSecret: 'not-the-one' };
    const { ended } = startApp('startup only', sandbox, rejected);
    expect(await ended).toEqual({ ...FINE, lines: ['booted'] });
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('obtains tokens in beforeApplicationShutdown, and has no handle after app.close()', async () => {
    await using sandbox = await DokStampSandbox.start();
    const { ended } = startApp('close', sandbox);
    expect(await ended).toEqual({ ...FINE, lines: ['200', 'token before shutdown', 'closed'] });
  });

  it('ends on SIGTERM, after its shutdown hooks', async () => {
    await using sandbox = await DokStampSandbox.start();
    const { child, ended, nextLine } = startApp('serve', sandbox);
    expect(await nextLine()).toBe('200');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ lines: ['200', 'token before shutdown'], stderr: '' });
  });
});

describe.concurrent('a package that is first loaded inside a request', () => {
  it('shows the store of that request to no credentials function and no event', async () => {
    await using sandbox = await DokStampSandbox.start();
    const script = `${ROOT}test/support/scripts/loaded-in-request.mjs`;
    const args = [script, sandbox.url, JSON.stringify(sandbox.credentials)];
    const child = spawn(process.execPath, args);
    child.stderr.pipe(process.stderr);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    expect(JSON.parse(line)).toEqual(['no request', 'no request']);
  });
});

describe.concurrent('accounts that have left the cache', () => {
  it('are garbage-collected, and leave no timer', async () => {
    await using sandbox = await DokStampSandbox.start();
    const script = `${ROOT}test/support/scripts/many-accounts.mjs`;
    const args = [script, sandbox.url, JSON.stringify(sandbox.credentials), '40', '5'];
    const child = spawn(process.execPath, ['--expose-gc', ...args]);
    child.stderr.pipe(process.stderr);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { kept, alive, timers } = JSON.parse(line) as Record<string, number>;
    expect(kept).toBe(5);
    // The last one may still be on the stack.
    expect(alive).toBeLessThanOrEqual(7);
    // One for each that is kept, and those of the cache.
    expect(timers).toBeGreaterThanOrEqual(5);
    expect(timers).toBeLessThanOrEqual(10);
    await once(child, 'close');
  });
});
