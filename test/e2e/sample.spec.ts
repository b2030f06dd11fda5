import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';

const main = fileURLToPath(new URL('../../sample/dist/main.js', import.meta.url));

/** Starts the built sample on a free port, with no account but what `env` gives. */
function start(args: string[], env: Record<string, string> = {}) {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('DOKSTAMP_'));
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...Object.fromEntries(outside), PORT: '0', ...env },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line.replace('registrar: ', '')));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    lines,
    errors,
  }));
  const listening = new Promise<string>((resolve) => {
    reader.on(
      'line',
      (line) => line.includes('listening on') && resolve(line.replace(/.*listening on /, '')),
    );
  });
  return { child, ended, listening };
}

/** The environment of an account at a DokStamp outside of the sample. */
function accountAt(
  { url, credentials, tenant }: DokStampSandbox,
  secret = credentials.clientSecret,
) {
  return {
    DOKSTAMP_BASE_URL: url,
    DOKSTAMP_CLIENT_ID: credentials.clientId,
    DOKSTAMP_CLIENT_SECRET: secret,
    DOKSTAMP_TENANT: tenant,
  };
}

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe('the sample', () => {
  it('does the whole job once, tells each step, and ends with code 0', async () => {
    const { code, lines, errors } = await start(['--once']).ended;
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(lines).toEqual([
      expect.stringMatching(/^no DOKSTAMP_CLIENT_ID is set, so DokStamp is the sandbox at http/),
      expect.stringMatching(/^token obtained, valid until \d{4}-/),
      expect.stringMatching(/^next renewal at \d{4}-/),
      expect.stringMatching(/^file uploaded: [0-9a-f-]{36} \(\d{3,} bytes\)$/),
      expect.stringMatching(/^certificate issued: verify at https:\/\/verificar\.dokstamp\.eu\//),
      expect.stringMatching(/^listed 1 issued, the newest is [0-9a-f-]{36}$/),
      expect.stringMatching(/^downloaded \d{3,} bytes$/),
      expect.stringMatching(/^a revoked token survived/),
      expect.stringMatching(/^certificate revoked: its status is revoked$/),
    ]);
  });

  it('ends with code 1 and names what is missing when the account is half configured', async () => {
    const { code, errors } = await start(['--once'], { DOKSTAMP_CLIENT_ID: 'id' }).ended;
    expect(code).toBe(1);
    expect(errors).toContain('DOKSTAMP_CLIENT_SECRET');
  });

  it('keeps serving, refuses bad input with 400, passes 422 on, and ends at SIGTERM', async () => {
    const { child, ended, listening } = start([]);
    const url = await listening;
    const post = async (path: string, body: string, type = 'application/json') =>
      (await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body }))
        .status;
    expect(await post('/certificates', '{"file_uuid":"nonsense"}')).toBe(400);
    expect(await post('/files', 'no pdf', 'application/pdf')).toBe(400);
    const diploma = {
      file_uuid: UNKNOWN,
      institution: { name: 'Uni', country: 'PT' },
      course: { name: 'Law', code: 'L' },
      student: { name: 'Rui', email: 'rui@example.org', date_of_birth: '2000-01-31' },
    };
    expect(await post('/certificates', JSON.stringify(diploma))).toBe(422);
    expect((await fetch(`${url}/certificates?status=nonsense`)).status).toBe(400);
    expect((await fetch(`${url}/certificates?stats=issued`)).status).toBe(400);
    const sent = performance.now();
    child.kill('SIGTERM');
    expect((await ended).errors).toBe('');
    expect(performance.now() - sent).toBeLessThan(3_000);
  });

  it('passes a 404 on, of a download as of a revocation without a body, and nothing else of the answer', async () => {
    const { child, ended, listening } = start([]);
    const url = await listening;
    const notFound = { success: false, message: 'Resource not found.' };
    const revocation = await fetch(`${url}/certificates/${UNKNOWN}/revoke`, { method: 'PUT' });
    expect([revocation.status, await revocation.json()]).toEqual([404, notFound]);
    const download = await fetch(`${url}/files/${UNKNOWN}/download`);
    expect([download.status, await download.json()]).toEqual([
      404,
      { message: 'DokStamp answered 404.' },
    ]);
    child.kill('SIGTERM');
    await ended;
  });

  it('uses the account that the environment names', async () => {
    await using dokstamp = await DokStampSandbox.start();
    const { code, lines, errors } = await start(['--once'], accountAt(dokstamp)).ended;
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(lines[0]).toBe('using the DokStamp account that the environment names');
    expect(lines.at(-1)).toBe('certificate revoked: its status is revoked');
    expect(dokstamp.tokenRequests).toBe(1);
  });

  it('says 503 and when to come again while its credentials are refused, 502 when the API fails', async () => {
    await using dokstamp = await DokStampSandbox.start();
    const refused = start([], accountAt(dokstamp, 'a-wrong-secret'));
    const unavailable = await fetch(`${await refused.listening}/certificates`);
    expect(unavailable.status).toBe(503);
    expect(Number(unavailable.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await unavailable.text()).not.toMatch(/invalid_client|secret/);
    refused.child.kill('SIGTERM');
    expect((await refused.ended).errors).not.toContain('a-wrong-secret');

    const accepted = start([], accountAt(dokstamp));
    const url = await accepted.listening;
    dokstamp.api.fail({ status: 500 });
    expect((await fetch(`${url}/certificates`)).status).toBe(502);
    accepted.child.kill('SIGTERM');
    await accepted.ended;
  });

  it('ends with code 1 when the job fails', async () => {
    await using dokstamp = await DokStampSandbox.start();
    dokstamp.api.fail({ status: 500 });
    const { code, errors } = await start(['--once'], accountAt(dokstamp)).ended;
    expect(code).toBe(1);
    expect(errors).toContain('registrar: the job failed: POST /files answered 502');
  });

  it('ends with code 1, and does not hang, when the port it was given is taken', async () => {
    await using dokstamp = await DokStampSandbox.start();
    const { code, errors } = await start([], { PORT: new URL(dokstamp.url).port }).ended;
    expect(code).toBe(1);
    expect(errors).toContain('EADDRINUSE');
  });
});
