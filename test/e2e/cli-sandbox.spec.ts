import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { bootAccount, type TestApp } from '../support/app.js';
import { runCommand, startCommand } from '../support/command-line.js';
import { DokStampSandbox } from '../../lib/testing/index.js';

const SECRET = 'a-secret-of-the-test';
const FLAGS = ['--client-id', 'my-client', '--client-secret', SECRET, '--tenant', 'my-school'];

const started: ReturnType<typeof startCommand>[] = [];

afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')));

/** Starts the sandbox and waits until it tells its address; `said` grows with what it says. */
async function start(...flags: string[]) {
  const child = startCommand(['sandbox', '--port', '0', ...flags]);
  started.push(child);
  const said: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => said.push(line));
  await once(reader, 'line');
  const [, url = ''] = /at (http:\S+);/.exec(said[0] ?? '') ?? [];
  return { child, said, reader, url };
}

describe('nestjs-dokstamp sandbox', () => {
  it('starts the sandbox that the flags describe and logs what comes in, without secret and token', async () => {
    const { said, url, reader } = await start(...FLAGS, '--expires-in', '77');
    const pair = { clientId: 'my-client', clientSecret: SECRET };
    await using app: TestApp = await bootAccount({ baseURL: url, ...pair, tenant: 'my-school' });
    const token = await app.tokens.getToken();
    const { issuedAt, expiresAt } = app.tokens.status;
    expect(Number(expiresAt) - Number(issuedAt)).toBe(77_000);
    await app.http.axiosRef.get('/certificates');
    while (!said.some((line) => line.includes('/certificates'))) await once(reader, 'line');
    expect(said.map((line) => line.replace(/^\S+Z /, ''))).toEqual(
      expect.arrayContaining([
        'DOKSTAMP_CLIENT_ID=my-client',
        'DOKSTAMP_TENANT=my-school',
        'POST /oauth/token 200',
        'GET /certificates 200',
      ]),
    );
    expect(said.join('\n')).not.toContain(SECRET);
    expect(said.join('\n')).not.toContain(token);
  });

  it('has the client id and secret that --help tells, where none are given', async () => {
    const { url } = await start();
    const { stdout } = await runCommand(['--help']);
    const [, clientId = '', clientSecret = ''] =
      /client id\s+(\S+), the client secret (\S+) and/.exec(stdout) ?? [];
    await using app = await bootAccount({ baseURL: url, clientId, clientSecret });
    expect(await app.tokens.getToken()).toBeTypeOf('string');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 0 on %s', async (signal) => {
    const { child } = await start();
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('ends with 0, and without a word, when nobody reads its log any more', async () => {
    const { child, url } = await start();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.destroy();
    const closed = once(child, 'close');
    // It may have ended before, by what it still said of itself.
    await fetch(`${url}/certificates`).catch(() => {});
    expect(await closed).toEqual([0, null]);
    expect(stderr).toBe('');
  });

  it('shows of an address neither what may be a secret nor what may be a token', async () => {
    const { said, url, reader } = await start(...FLAGS);
    const form = { grant_type: 'client_credentials', client_id: 'my-client' };
    const answer = await fetch(`${url}/oauth/token?client_secret=${SECRET}`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, client_secret: SECRET }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const uuid = '018f2d6e-8a7b-7c3d-9e4f-5a6b7c8d9e0f';
    await fetch(`${url}/certificates?per_page=1&access_token=${token}&${token}=x`);
    await fetch(`${url}/files/${token}/download`);
    await fetch(`${url}/files/${uuid}/download`);
    while (!said.some((line) => line.includes(uuid))) await once(reader, 'line');
    expect(said.join('\n')).not.toContain(SECRET);
    expect(said.join('\n')).not.toContain(token);
    expect(said.slice(-4).map((line) => line.replace(/^\S+Z /, ''))).toEqual([
      'POST /oauth/token?client_secret=… 200',
      'GET /certificates?per_page=…&access_token=…&…=… 401',
      'GET /files/…/download 404',
      `GET /files/${uuid}/download 404`,
    ]);
  });

  it('ends with 2 and names the way out where the port is taken', async () => {
    await using other = await DokStampSandbox.start();
    const { code, stderr } = await runCommand(['sandbox', '--port', new URL(other.url).port]);
    expect(code).toBe(2);
    expect(stderr).toContain('--port');
  });
});
