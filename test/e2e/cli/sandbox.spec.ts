import { describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { bootAccount } from '../../support/app.js';
import { RunningCommand, runCommand } from '../../support/command-line.js';

const SECRET = 'a-secret-of-the-test';
const FLAGS = ['--client-id', 'my-client', '--client-secret', SECRET, '--tenant', 'my-school'];

/** Runs `sandbox` on a free port of this process. */
async function startSandbox(...flags: string[]) {
  const command = await RunningCommand.start(['sandbox', '--port', '0', ...flags]);
  const [first = ''] = await command.linesUntil('DOKSTAMP_TENANT');
  const [, url = ''] = /at (http:\S+);/.exec(first) ?? [];
  return {
    command,
    url,
    /** The lines so far, without their times, as soon as one contains the text. */
    async logUntil(text: string): Promise<string[]> {
      return (await command.linesUntil(text)).map((line) => line.replace(/^\S+Z /, ''));
    },
    async [Symbol.asyncDispose]() {
      command.closeOutput();
      await command.ended;
    },
  };
}

describe('nestjs-dokstamp sandbox', () => {
  it('starts the sandbox of its flags and logs each request, without secret and token', async () => {
    await using sandbox = await startSandbox(...FLAGS, '--expires-in', '77');
    const credentials = { clientId: 'my-client', clientSecret: SECRET };
    await using app = await bootAccount({
      baseURL: sandbox.url,
      ...credentials,
      tenant: 'my-school',
    });
    const token = await app.tokens.getToken();
    const { issuedAt, expiresAt } = app.tokens.status;
    expect(Number(expiresAt) - Number(issuedAt)).toBe(77_000);
    await app.http.axiosRef.get('/certificates');
    const log = await sandbox.logUntil('/certificates');
    expect(log).toEqual(
      expect.arrayContaining([
        `DOKSTAMP_BASE_URL=${sandbox.url}`,
        'DOKSTAMP_CLIENT_ID=my-client',
        'DOKSTAMP_TENANT=my-school',
        'POST /oauth/token 200',
        'GET /certificates 200',
      ]),
    );
    expect(log.join('\n')).not.toContain(SECRET);
    expect(log.join('\n')).not.toContain(token);
  });

  it('uses the client id and secret of --help by default', async () => {
    const { stdout } = await runCommand(['--help']);
    const [, clientId = '', clientSecret = ''] =
      /client id\s+(\S+), the client secret (\S+) and/.exec(stdout) ?? [];
    await using sandbox = await startSandbox();
    await using app = await bootAccount({ baseURL: sandbox.url, clientId, clientSecret });
    expect(await app.tokens.getToken()).toBeTypeOf('string');
  });

  it('exits with 0 when no process reads its output', async () => {
    const { command, url } = await startSandbox();
    command.closeOutput();
    expect(await command.ended).toMatchObject({ code: 0, stderr: '' });
    await expect(fetch(url)).rejects.toThrow();
  });

  it('shows no part of a URL that may be a secret or a token', async () => {
    await using sandbox = await startSandbox(...FLAGS);
    const { url } = sandbox;
    const form = { grant_type: 'client_credentials', client_id: 'my-client' };
    const response = await fetch(`${url}/oauth/token?client_secret=${SECRET}`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, client_secret: SECRET }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const uuid = '018f2d6e-8a7b-7c3d-9e4f-5a6b7c8d9e0f';
    await fetch(`${url}/certificates?per_page=1&access_token=${token}&${token}=x`);
    await fetch(`${url}/files/${token}/download`);
    await fetch(`${url}/files/${uuid}/download`);
    const log = await sandbox.logUntil(uuid);
    expect(log.slice(-4)).toEqual([
      'POST /oauth/token?client_secret=… 200',
      'GET /certificates?per_page=…&access_token=…&…=… 401',
      'GET /files/…/download 404',
      `GET /files/${uuid}/download 404`,
    ]);
    expect(log.join('\n')).not.toContain(SECRET);
  });

  it('exits with 2 and names --port if the port is taken', async () => {
    await using other = await DokStampSandbox.start();
    const { code, stderr } = await runCommand(['sandbox', '--port', new URL(other.url).port]);
    expect(code).toBe(2);
    expect(stderr).toContain('--port');
  });
});
