import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { SERVERS, startRedis } from '../../../test/support/redis/redis-server.js';
import { accountAt, start } from '../support/sample.js';

interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly does: string;
}

/** Status and body of an answer. */
async function answerOf(url: string, init?: RequestInit): Promise<[number, unknown]> {
  const answer = await fetch(url, init);
  return [answer.status, await answer.json()];
}

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe.skipIf(SERVERS.length === 0)('the sample with REDIS_URL', () => {
  it('shares the token of the account: two of it make one token request', async () => {
    await using sandbox = await DokStampSandbox.start();
    await using redis = await startRedis();
    const env = { ...accountAt(sandbox), REDIS_URL: `redis://:unused@127.0.0.1:${redis.port}` };
    for (const nth of [1, 2]) {
      const { code, lines, errors } = await start(['--once', '--real'], env).ended;
      expect({ nth, code, errors }).toEqual({ nth, code: 0, errors: '' });
      expect(lines[1]).toBe(
        `the token is shared through Redis at 127.0.0.1:${redis.port} (REDIS_URL)`,
      );
    }
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('does its job where the store cannot be reached', async () => {
    const { code, lines } = await start(['--once'], { REDIS_URL: 'redis://127.0.0.1:1' }).ended;
    expect(code).toBe(0);
    expect(lines.join()).toContain('The token store cannot be used');
  });
});

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
    const { code, errors } = await start(['--once', '--real'], { DOKSTAMP_CLIENT_ID: 'id' }).ended;
    expect(code).toBe(1);
    expect(errors.match(/DOKSTAMP_CLIENT_SECRET or/g)).toHaveLength(1);
  });

  it('ends with code 1 when it is to use a real account and none is there, not even a blank one', async () => {
    const { code, lines, errors } = await start(['--real'], { DOKSTAMP_CLIENT_ID: ' ' }).ended;
    expect({ code, lines }).toEqual({ code: 1, lines: [] });
    expect(errors).toContain('DOKSTAMP_CLIENT_ID or DOKSTAMP_CLIENT_ID_FILE');
  });

  it.each([['--onec'], ['once'], ['--once=yes']])(
    'refuses %s with a line that tells the flags, and code 2',
    async (flag) => {
      const { code, lines, errors } = await start([flag]).ended;
      expect({ code, lines }).toEqual({ code: 2, lines: [] });
      expect(errors).toContain(flag.split('=')[0]);
      expect(errors).toMatch(/^registrar: usage: npm start -- \[--once\] \[--real\]$/m);
    },
  );

  it.each<[Record<string, string>, string]>([
    [{ PORT: '70000' }, 'PORT is "70000": give a number from 0 to 65535'],
    [{ PORT: 'abc' }, 'PORT is "abc"'],
    [{ REDIS_URL: 'localhost:6379' }, 'REDIS_URL is not like redis://127.0.0.1:6379.'],
    [{ REDIS_URL: 'a-password' }, 'REDIS_URL is not like'],
  ])('ends with code 1 and a sentence where the environment has %j', async (env, says) => {
    const { code, lines, errors } = await start([], env).ended;
    expect({ code, lines }).toEqual({ code: 1, lines: [] });
    expect(errors).toContain(`registrar: ${says}`);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(errors).not.toContain('a-password');
  });

  it('sends nothing to the account of the environment without --real, and says so', async () => {
    await using dokstamp = await DokStampSandbox.start();
    const { code, lines, errors } = await start(['--once'], accountAt(dokstamp)).ended;
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(lines[0]).toMatch(
      /^the environment names a DokStamp account, but without --real nothing is sent there: DokStamp is the sandbox at http/,
    );
    expect(lines.at(-1)).toBe('certificate revoked: its status is revoked');
    expect(dokstamp.requests).toEqual([]);
  });

  it('takes a blank DOKSTAMP_CLIENT_ID as unset, also beside a mounted file', async () => {
    const unset = await start(['--once'], { DOKSTAMP_CLIENT_ID: ' ' }).ended;
    expect(unset.lines[0]).toMatch(/^no DOKSTAMP_CLIENT_ID is set/);

    await using dokstamp = await DokStampSandbox.start();
    const folder = await mkdtemp(join(tmpdir(), 'sample-'));
    const file = join(folder, 'client-id');
    await writeFile(file, `${dokstamp.credentials.clientId}\n`);
    const mounted = { DOKSTAMP_CLIENT_ID: '', DOKSTAMP_CLIENT_ID_FILE: file };
    const env = { ...accountAt(dokstamp), ...mounted };
    const spared = await start(['--once'], env).ended;
    expect(spared.lines[0]).toMatch(/^the environment names a DokStamp account/);
    const { code, lines } = await start(['--once', '--real'], env).ended;
    await rm(folder, { recursive: true });
    expect(code).toBe(0);
    expect(lines[0]).toBe('using the DokStamp account that the environment names');
  });

  it('lists its endpoints, each of which is there', async () => {
    const { child, ended, listening } = start([]);
    const url = await listening;
    const asJson = { headers: { accept: 'application/json' } };
    const { endpoints } = (await (await fetch(url, asJson)).json()) as { endpoints: Endpoint[] };
    expect(await answerOf(`${url}/endpoints`)).toEqual([200, { endpoints }]);
    expect(endpoints.length).toBeGreaterThanOrEqual(6);
    for (const { method, path, does } of endpoints) {
      const answer = await fetch(url + path.replace('{uuid}', UNKNOWN), { method });
      expect([path, does, await answer.text()]).toEqual([
        path,
        expect.stringMatching(/\.$/),
        expect.not.stringContaining('Cannot'),
      ]);
    }
    child.kill('SIGTERM');
    await ended;
  });

  it('keeps serving, refuses bad input with 400, passes 422 on, and ends at SIGTERM', async () => {
    const { child, ended, listening } = start([]);
    const url = await listening;
    const post = (path: string, body: string, type = 'application/json') =>
      answerOf(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
    const bad = (message: unknown) => [400, { code: 'bad_request', message }];
    const many = expect.arrayContaining([expect.any(String)]) as unknown;
    expect(await post('/certificates', '{"file_uuid":"nonsense"}')).toEqual(bad(many));
    expect(await post('/certificates', '{nonsense')).toEqual(bad(expect.any(String)));
    expect(await post('/files', 'no pdf', 'application/pdf')).toEqual(
      bad('Send a PDF with Content-Type: application/pdf.'),
    );
    const diploma = {
      file_uuid: UNKNOWN,
      institution: { name: 'Uni', country: 'PT' },
      course: { name: 'Law', code: 'L' },
      student: { name: 'Rui', email: 'rui@example.org', date_of_birth: '2000-01-31' },
    };
    expect(await post('/certificates', JSON.stringify(diploma))).toEqual([
      422,
      { code: 'unprocessable_entity', message: ['The selected file uuid is invalid.'] },
    ]);
    expect(await answerOf(`${url}/certificates?status=nonsense`)).toEqual(bad(many));
    expect(await answerOf(`${url}/certificates?stats=issued`)).toEqual(bad(many));
    expect(await answerOf(`${url}/nowhere`)).toEqual([
      404,
      { code: 'not_found', message: 'Cannot GET /nowhere' },
    ]);
    const sent = performance.now();
    child.kill('SIGTERM');
    expect((await ended).errors).toBe('');
    expect(performance.now() - sent).toBeLessThan(3_000);
  });

  it('passes a 404 on, of a download as of a revocation without a body, and nothing else of the answer', async () => {
    const { child, ended, listening } = start([]);
    const url = await listening;
    const notFound = (message: string) => [404, { code: 'not_found', message }];
    const path = `/certificates/${UNKNOWN}/revoke`;
    expect(await answerOf(url + path, { method: 'PUT' })).toEqual(notFound('Resource not found.'));
    expect(await answerOf(`${url}/files/${UNKNOWN}/download`)).toEqual(
      notFound('DokStamp answered 404.'),
    );
    child.kill('SIGTERM');
    await ended;
  });

  it('uses the account that the environment names with --real', async () => {
    await using dokstamp = await DokStampSandbox.start();
    const { code, lines, errors } = await start(['--once', '--real'], accountAt(dokstamp)).ended;
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(lines[0]).toBe('using the DokStamp account that the environment names');
    expect(lines.at(-1)).toBe('certificate revoked: its status is revoked');
    expect(dokstamp.tokenRequests).toBe(1);
  });

  it('says 503 and when to come again while its credentials are refused, 502 when the API fails', async () => {
    await using dokstamp = await DokStampSandbox.start();
    const refused = start(['--real'], accountAt(dokstamp, 'a-wrong-secret'));
    const unavailable = await fetch(`${await refused.listening}/certificates`);
    expect(unavailable.status).toBe(503);
    expect(Number(unavailable.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await unavailable.json()).toEqual({ code: 'invalid_client' });
    refused.child.kill('SIGTERM');
    expect((await refused.ended).errors).not.toContain('a-wrong-secret');

    const accepted = start(['--real'], accountAt(dokstamp));
    const url = await accepted.listening;
    dokstamp.api.fail({ status: 500 });
    expect(await answerOf(`${url}/certificates`)).toEqual([
      502,
      { code: 'bad_gateway', message: 'DokStamp did not do what was asked.' },
    ]);
    accepted.child.kill('SIGTERM');
    await accepted.ended;
  });

  it('ends with code 1 when the job fails', async () => {
    await using dokstamp = await DokStampSandbox.start();
    dokstamp.api.fail({ status: 500 });
    const { code, errors } = await start(['--once', '--real'], accountAt(dokstamp)).ended;
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
