import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigModule } from '@nestjs/config';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { check, environment, sandbox, setUp, tearDown } from '../../support/check-command.js';
import { RunningCommand, type Terminal, runCommand } from '../../support/command-line.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokstamp-check-'));
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(setUp);
afterEach(tearDown);

/** Writes an env file, and returns its path. */
async function envFile(variables: Record<string, string>): Promise<string> {
  const file = join(folder, '.env');
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file, lines.join(''));
  return file;
}

describe('nestjs-dokstamp check', () => {
  it('requests one token, calls GET /certificates?per_page=1 with the tenant, and exits with 0 if all steps succeed', async () => {
    const { code, steps } = await check(environment());
    expect(Object.values(steps).map((step) => step?.status)).toEqual(Array(6).fill('ok'));
    expect(code).toBe(0);
    expect(sandbox.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /oauth/token',
      'GET /certificates?per_page=1',
    ]);
    expect(sandbox.requests[1]?.headers['x-tenant']).toBe(sandbox.tenant);
  });

  it('reads the file of --env-file, but prefers variables that are set', async () => {
    const file = await envFile(environment({ DOKSTAMP_TENANT: 'of-the-file' }));
    const env = { DOKSTAMP_TENANT: sandbox.tenant };
    expect((await runCommand(['check', '--env-file', file], env)).code).toBe(0);
    expect(sandbox.requests[1]?.headers['x-tenant']).toBe(sandbox.tenant);
  });

  it('reports that a blank variable hides the one of the file, as it does in an app', async () => {
    const { DOKSTAMP_CLIENT_SECRET: secret = '', ...others } = environment();
    const file = await envFile({ DOKSTAMP_CLIENT_SECRET: secret });
    const env = { ...others, DOKSTAMP_CLIENT_SECRET: '' };
    const { code, stdout } = await runCommand(['check', '--env-file', file], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /✗ Variables: .*DOKSTAMP_CLIENT_SECRET.*\n {2}→ .*even to nothing.*unset it/,
    );
    vi.stubEnv('DOKSTAMP_CLIENT_SECRET', '');
    await ConfigModule.forRoot({ envFilePath: file });
    expect(process.env['DOKSTAMP_CLIENT_SECRET']).toBe('');
  });

  it.each(['DOKSTAMP_CLIENT_ID', 'DOKSTAMP_CLIENT_SECRET'])(
    'names %s if it is blank, and sends no request',
    async (name) => {
      const { code, steps } = await check(environment({ [name]: '' }));
      expect(code).toBe(1);
      expect(steps['variables']).toMatchObject({
        status: 'failed',
        message: expect.stringContaining(name),
        next: expect.stringContaining('--env-file'),
      });
      expect(steps['tenant']?.status).toBe('skipped');
      expect(sandbox.requests).toEqual([]);
    },
  );

  it.each(['nonsense', 'http://api.dokstamp.com', 'https://u:p@api.dokstamp.com'])(
    'reports what is wrong with the URL %s',
    async (url) => {
      const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: url }));
      expect(code).toBe(1);
      expect(steps['variables']?.status).toBe('ok');
      expect(steps['url']).toMatchObject({
        status: 'failed',
        next: expect.stringContaining('DOKSTAMP_BASE_URL'),
      });
    },
  );

  it('reports that a mounted secret cannot be read', async () => {
    const { DOKSTAMP_CLIENT_SECRET: _, ...env } = environment();
    const { steps } = await check({ ...env, DOKSTAMP_CLIENT_SECRET_FILE: join(folder, 'none') });
    expect(steps['secret']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it.each(['1e12', '9000.5'])('accepts a DOKSTAMP_TOKEN_TIMEOUT of %s ms', async (timeout) => {
    expect((await check(environment({ DOKSTAMP_TOKEN_TIMEOUT: timeout }))).code).toBe(0);
  });
});

describe('nestjs-dokstamp check, if its output is closed', () => {
  it.each([
    [0, {}],
    [1, { DOKSTAMP_CLIENT_SECRET: 'not-the-secret' }],
  ])('continues and exits with %i, as ever', async (code, changes) => {
    const command = await RunningCommand.start(['check'], environment(changes));
    command.closeOutput();
    expect(await command.ended).toMatchObject({ code, stderr: '' });
    expect(sandbox.requests).toHaveLength(code === 0 ? 2 : 1);
  });
});

describe('the report of nestjs-dokstamp check', () => {
  /** The text for an account whose secret is wrong. */
  async function report(terminal?: Terminal): Promise<string> {
    const env = environment({ DOKSTAMP_CLIENT_SECRET: 'not-the-secret' });
    const { code, stdout } = await runCommand(['check'], env, terminal);
    expect(code).toBe(1);
    expect(stdout).not.toContain('not-the-secret');
    return stdout;
  }

  it('has one line per step, and the next step to take below a failure', async () => {
    expect(await report()).toMatch(
      /^✓ Variables: .+\n✓ URL: .+\n✓ Connection: .+\n✗ Client id and secret: .+\n {2}→ .+\n✓ Clock: .+\n- Tenant: .+\n\n1 of 6 steps failed\.\n$/,
    );
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('ends with "All works." if all steps succeed', async () => {
    const { stdout } = await runCommand(['check'], environment());
    expect(stdout).toMatch(/✓ Tenant: .+\n\nAll works\.\n$/);
  });

  it('is plain in a pipe', async () => {
    const text = await report();
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('…');
  });

  it('shows the step in progress, and colours, on a terminal', async () => {
    const text = await report({ isTTY: true, hasColors: () => true });
    expect(text).toMatch(/\n… Connection[^\n]*\u001b\[2K[^\n]*✓[^\n]* Connection: /);
    expect(text).toContain('\u001b[32m✓\u001b[39m Connection: ');
    expect(text).toContain('\u001b[31m✗\u001b[39m Client id and secret: ');
    expect(text).toContain('\u001b[90m-\u001b[39m Tenant: ');
  });

  it('has no colours on a terminal without colours', async () => {
    const text = await report({ isTTY: true, hasColors: () => false });
    expect(text).toContain('… Connection');
    expect(text).not.toContain('\u001b[3');
  });
});
