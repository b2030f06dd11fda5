import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentialsFromEnvironment } from '../../lib/options/environment-credentials.js';

const run = promisify(execFile);

let folder: string;
let fifo: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokstamp-mounted-file-'));
  fifo = join(folder, 'secret');
  // Reading it blocks until somebody writes, as a dead network file system does.
  await run('mkfifo', [fifo]);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await letGo();
  await rm(folder, { recursive: true });
});

/** The credentials function of one account whose secret is mounted there. */
function mountedAt(path: string) {
  const { credentials } = credentialsFromEnvironment({
    DOKSTAMP_CLIENT_ID: 'client-1',
    DOKSTAMP_CLIENT_SECRET_FILE: path,
  }).credentials;
  if (!credentials) throw new Error('There is no credentials function.');
  return credentials;
}

/** Lets whoever reads it go, round by round as the threads of the pool come free: a blocked one holds its process. */
async function letGo(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    closeSync(openSync(fifo, 'r+'));
    await setTimeout(50);
  }
}

describe('a mounted file whose read hangs', () => {
  it('holds one thread of the pool, however many accounts ask however often', async () => {
    const accounts = [mountedAt(fifo), mountedAt(fifo)];
    const asked = Array.from({ length: 8 }, async (_, nth) => accounts[nth % 2]?.());
    const own = join(folder, 'own');
    await writeFile(own, 'of the app');
    expect(await readFile(own, 'utf8')).toBe('of the app');
    await writeFile(fifo, 'secret-1\n');
    const pair = { clientId: 'client-1', clientSecret: 'secret-1' };
    expect(await Promise.all(asked)).toEqual(asked.map(() => pair));
  });

  it('is read anew once the read is over', async () => {
    const credentials = mountedAt(fifo);
    for (const secret of ['secret-1', 'secret-2']) {
      const asked = credentials();
      await writeFile(fifo, secret);
      expect(await asked).toMatchObject({ clientSecret: secret });
    }
  });
});

describe('a mounted file that cannot be read', () => {
  it('gives each who asks an error of their own, and is read anew', async () => {
    const path = join(folder, 'later');
    const accounts = [mountedAt(path), mountedAt(path)];
    const errors = await Promise.all(
      accounts.map((read) => Promise.resolve(read()).catch((e: unknown) => e)),
    );
    expect(errors[0]).toMatchObject({ code: 'credentials_unavailable' });
    expect(errors[1]).toMatchObject({ code: 'credentials_unavailable' });
    expect(errors[0]).not.toBe(errors[1]);
    await writeFile(path, 'secret-1');
    expect(await accounts[0]?.()).toMatchObject({ clientSecret: 'secret-1' });
  });
});
