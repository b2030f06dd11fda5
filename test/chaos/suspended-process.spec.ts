import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { startApp } from '../support/app-process.js';

describe('a process that was suspended until its token had expired', () => {
  it('sends no expired token', async () => {
    await using sandbox = await DokStampSandbox.start({ expiresIn: 2 });
    const tokensSent = () =>
      sandbox.requests
        .filter(({ path }) => path === '/certificates')
        .map(({ headers }) => headers['authorization']);
    const { child, ended, nextLine } = startApp('serve', sandbox);
    expect(await nextLine()).toBe('200');
    const before = tokensSent();
    child.kill('SIGSTOP');
    // A real wait, because the clocks of another process cannot be moved.
    await sleep(2_500);
    child.stdin.write('call\n');
    child.kill('SIGCONT');
    expect(await nextLine()).toBe('200');
    const after = tokensSent().slice(before.length);
    expect(after).not.toEqual([]);
    for (const token of after) expect(before).not.toContain(token);
    child.kill('SIGTERM');
    await ended;
  });
});
