import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { environmentFor } from '../../support/check-command.js';
import { BIN, resultOf, spawnCommand } from '../../support/command-line.js';
import { selfSigned } from '../../support/self-signed.js';
import { tlsFront, tunnelProxy } from '../../support/tls-front.js';

// A busy machine may need longer than the default of 10 s.
const PATIENT = { DOKSTAMP_TOKEN_TIMEOUT: '60000' };

// Of Linux: each write to it fails with ENOSPC.
const FULL_DISK = '/dev/full';

/** Starts `sandbox` in a process of its own, and waits until it prints its URL. */
async function startSandbox() {
  const child = spawnCommand(['sandbox', '--port', '0']);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, url: /at (http:\S+);/.exec(line)?.[1] ?? '' };
}

// Each test starts a process and shares nothing, so they run side by side.
describe.concurrent('the process of nestjs-dokstamp check', () => {
  it('trusts the authority of NODE_EXTRA_CA_CERTS, and shows the proxy without its login', async () => {
    await using sandbox = await DokStampSandbox.start();
    await using proxy = await tunnelProxy();
    const certificate = selfSigned('gateway');
    await using front = await tlsFront(sandbox.url, certificate);
    const folder = await mkdtemp(join(tmpdir(), 'dokstamp-ca-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, certificate.cert);
    const env = environmentFor(sandbox, {
      ...PATIENT,
      DOKSTAMP_BASE_URL: front.url,
      NODE_EXTRA_CA_CERTS: ca,
      HTTPS_PROXY: proxy.url.replace('//', '//me:hidden@'),
    });
    const { code, stdout, stderr } = await resultOf(spawnCommand(['check'], env));
    await rm(folder, { recursive: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`through the proxy ${new URL(proxy.url).host} (HTTPS_PROXY)`);
    expect(stdout).not.toContain('hidden');
    expect(proxy.tunnels).not.toEqual([]);
  });

  it('exits with 1, as ever, for a failed step if its output is closed', async () => {
    await using sandbox = await DokStampSandbox.start();
    const env = environmentFor(sandbox, {
      ...PATIENT,
      DOKSTAMP_CLIENT_SECRET: 'not-the-secret',
    });
    const child = spawnCommand(['check'], env);
    child.stdout.destroy();
    expect(await resultOf(child)).toMatchObject({ code: 1, stderr: '' });
  });

  it.skipIf(!existsSync(FULL_DISK))(
    'does not exit with 0 if its output cannot be written',
    async () => {
      const full = openSync(FULL_DISK, 'w');
      const child = spawn(process.execPath, [BIN, '--help'], { stdio: ['ignore', full, 'pipe'] });
      closeSync(full);
      const { code, stderr } = await resultOf(child);
      expect(code).toBeGreaterThan(0);
      expect(stderr).toContain('ENOSPC');
    },
  );

  // Without `--` before the script, Node.js reads the flag too, and looks for the file first.
  it('exits with 9 if Node.js reads --env-file first and the file is missing', async () => {
    const { code, stderr } = await resultOf(spawnCommand(['check', '--env-file', 'no-such-file']));
    expect(code).toBe(9);
    expect(stderr).toContain('no-such-file: not found');
  });
});

describe.concurrent('the process of nestjs-dokstamp sandbox', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('exits with 0 on %s', async (signal) => {
    const { child } = await startSandbox();
    child.kill(signal);
    expect(await resultOf(child)).toMatchObject({ code: 0, stderr: '' });
  });

  it('exits with 0, without a message, when no process reads its output', async () => {
    const { child, url } = await startSandbox();
    child.stdout.destroy();
    const result = resultOf(child);
    // The process may have ended already, because it was still printing its variables.
    await fetch(`${url}/certificates`).catch(() => {});
    expect(await result).toMatchObject({ code: 0, stderr: '' });
  });
});
