import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { TlsOptions } from 'node:tls';
import { join } from 'node:path';
import { ConfigModule } from '@nestjs/config';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { type CommandResult, runCommand, startCommand } from '../support/command-line.js';
import { selfSigned } from '../support/self-signed.js';
import { json, stubDokStamp, stubServer } from '../support/stub-server.js';
import { tlsFront, tunnelProxy } from '../support/tls-front.js';

type Steps = Record<string, { status: string; message: string; next?: string }>;

let folder: string;
let sandbox: DokStampSandbox;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokstamp-check-'));
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(() => sandbox.stop());

/** The environment of an app whose DokStamp is the sandbox. */
function environment(changes: Record<string, string> = {}): Record<string, string> {
  return {
    DOKSTAMP_BASE_URL: sandbox.url,
    DOKSTAMP_CLIENT_ID: sandbox.credentials.clientId,
    DOKSTAMP_CLIENT_SECRET: sandbox.credentials.clientSecret,
    DOKSTAMP_TENANT: sandbox.tenant,
    ...changes,
  };
}

/** Runs `check --json`; neither secret nor token may be in what it says. */
async function check(env: Record<string, string>): Promise<{ code: number | null; steps: Steps }> {
  const result = await runCommand(['check', '--json'], env);
  expectNoSecret(result);
  const told = JSON.parse(result.stdout) as {
    ok: boolean;
    steps: ({ step: string } & Steps[''])[];
  };
  expect(told.ok).toBe(result.code === 0);
  expect(result.stderr).toBe('');
  return {
    code: result.code,
    steps: Object.fromEntries(told.steps.map(({ step, ...rest }) => [step, rest])),
  };
}

function expectNoSecret({ stdout, stderr }: CommandResult): void {
  const tokens = sandbox.requests.flatMap(({ headers }) =>
    typeof headers['authorization'] === 'string' ? headers['authorization'].slice(7) : [],
  );
  for (const secret of [sandbox.credentials.clientSecret, ...tokens]) {
    expect(stdout + stderr).not.toContain(secret);
  }
}

/** Runs `check` through a gateway with this certificate. */
async function checkTls(
  certificate: ReturnType<typeof selfSigned> & TlsOptions,
  isTrusted: boolean,
) {
  await using front = await tlsFront(sandbox.url, certificate);
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, certificate.cert);
  return await check(
    environment({
      DOKSTAMP_BASE_URL: front.url,
      ...(isTrusted && { NODE_EXTRA_CA_CERTS: ca }),
    }),
  );
}

describe('nestjs-dokstamp check', () => {
  it('asks for one token, calls GET /certificates?per_page=1 with the tenant, and ends with 0 where all works', async () => {
    const { code, steps } = await check(environment());
    expect(Object.values(steps).map(({ status }) => status)).toEqual(Array(6).fill('ok'));
    expect(code).toBe(0);
    expect(sandbox.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /oauth/token',
      'GET /certificates?per_page=1',
    ]);
    expect(sandbox.requests[1]?.headers['x-tenant']).toBe(sandbox.tenant);
  });

  it('reads the file that --env-file names; what is set already stays', async () => {
    const file = join(folder, '.env');
    const lines = Object.entries(environment({ DOKSTAMP_TENANT: 'of-the-file' }));
    await writeFile(file, lines.map(([name, value]) => `${name}=${value}\n`).join(''));
    const env = { DOKSTAMP_TENANT: sandbox.tenant };
    expect((await runCommand(['check', '--env-file', file], env)).code).toBe(0);
  });

  it('says that a blank variable hides that of the file, as it does in an app', async () => {
    const file = join(folder, '.env-hidden');
    const { DOKSTAMP_CLIENT_SECRET: secret = '', ...others } = environment();
    await writeFile(file, `DOKSTAMP_CLIENT_SECRET=${secret}\n`);
    const env = { ...others, DOKSTAMP_CLIENT_SECRET: '' };
    const { code, stdout } = await runCommand(['check', '--env-file', file], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /✗ Variables: .*DOKSTAMP_CLIENT_SECRET.*\n {2}→ .*even to nothing.*unset it/,
    );
    vi.stubEnv('DOKSTAMP_CLIENT_SECRET', '');
    await ConfigModule.forRoot({ envFilePath: file });
    expect(process.env['DOKSTAMP_CLIENT_SECRET']).toBe('');
    vi.unstubAllEnvs();
  });

  it('shows each step in words, plain in a pipe', async () => {
    const result = await runCommand(
      ['check'],
      environment({ DOKSTAMP_CLIENT_SECRET: 'wrong-one' }),
    );
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(
      /^✓ Variables: .+\n✓ URL: .+\n✓ Connection: .+\n✗ Client id and secret: .+\n {2}→ /,
    );
    expect(result.stdout).toContain('1 of 6 steps failed.');
    expect(result.stdout).not.toContain('\u001b');
    expect(result.stdout).not.toContain('wrong-one');
    expect(sandbox.tokenRequests).toBe(1);
  });

  it.each(['DOKSTAMP_CLIENT_ID', 'DOKSTAMP_CLIENT_SECRET'])(
    'names %s where it is missing',
    async (name) => {
      const { code, steps } = await check(environment({ [name]: '' }));
      expect(code).toBe(1);
      expect(steps['variables']).toMatchObject({
        status: 'failed',
        message: expect.stringContaining(name),
      });
      expect(steps['variables']?.next).toContain('--env-file');
      expect(steps['tenant']?.status).toBe('skipped');
      expect(sandbox.requests).toEqual([]);
    },
  );

  it.each(['nonsense', 'http://api.dokstamp.com', 'https://u:p@api.dokstamp.com'])(
    'says what is wrong with the URL %s',
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

  it('says that DNS does not know the host', async () => {
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: 'https://nowhere.invalid' }));
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/^DNS does not know nowhere\.invalid/),
    });
  });

  it('says that the connection is refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: `http://127.0.0.1:${port}` }));
    expect(steps['connection']?.message).toBe(
      `127.0.0.1:${port} refuses the connection (ECONNREFUSED)`,
    );
  });

  it('says that a certificate is signed by itself', async () => {
    const { steps } = await checkTls(selfSigned('gateway'), false);
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('signed by nobody'),
      next: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  it('works with a certificate whose authority NODE_EXTRA_CA_CERTS names', async () => {
    expect((await checkTls(selfSigned('gateway'), true)).code).toBe(0);
  });

  it('says that a certificate has expired', async () => {
    const { steps } = await checkTls(selfSigned('gateway', { until: Date.now() - 60_000 }), true);
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('has expired'),
      next: expect.stringContaining('clock'),
    });
  });

  it('says that a certificate is for another host', async () => {
    const { steps } = await checkTls(selfSigned('gateway', { host: 'other.example' }), true);
    expect(steps['connection']?.message).toContain('is for another host');
  });

  it('says that a server does not speak TLS', async () => {
    const { steps } = await check(
      environment({ DOKSTAMP_BASE_URL: sandbox.url.replace('http:', 'https:') }),
    );
    expect(steps['connection']?.message).toContain('does not speak TLS');
  });

  it.each([
    ['refuses the TLS handshake', { maxVersion: 'TLSv1.2', requestCert: true }],
    ['refuses the TLS handshake', { requestCert: true }],
    ['no version of TLS in common', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }],
  ] as const)('says what ails the TLS of a server: %s, for %j', async (what, options) => {
    const certificate = selfSigned('gateway');
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const { steps } = await checkTls({ ...certificate, ciphers, ...options }, true);
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(what),
      next: expect.stringContaining('sk who runs the server'),
    });
  });

  it('names the proxy that requests go through, without who logs in there', async () => {
    await using proxy = await tunnelProxy();
    const certificate = selfSigned('gateway');
    await using front = await tlsFront(sandbox.url, certificate);
    const ca = join(folder, 'proxied.pem');
    await writeFile(ca, certificate.cert);
    const login = proxy.url.replace('//', '//me:hidden@');
    const { code, steps } = await check(
      environment({ DOKSTAMP_BASE_URL: front.url, NODE_EXTRA_CA_CERTS: ca, HTTPS_PROXY: login }),
    );
    expect(steps['url']?.message).toContain(
      `through the proxy ${new URL(proxy.url).host} (HTTPS_PROXY)`,
    );
    expect(JSON.stringify(steps)).not.toContain('hidden');
    expect(code).toBe(0);
    expect(proxy.tunnels.length).toBeGreaterThan(0);
  });

  it.each(['http://127.0.0.1:1', 'http://nowhere.invalid:1'])(
    'says that it is the proxy %s which cannot be reached',
    async (url) => {
      const { steps } = await check(environment({ http_proxy: url }));
      expect(steps['connection']).toMatchObject({
        status: 'failed',
        message: expect.stringContaining(`the proxy ${new URL(url).host} (http_proxy)`),
        next: expect.stringContaining('NO_PROXY'),
      });
    },
  );

  it.each(['127.0.0.1', '*', '10.0.0.0/8 127.0.0.0/8'])(
    'names no proxy where NO_PROXY, %s, takes the host out',
    async (hosts) => {
      const proxy = { HTTP_PROXY: 'http://me:hidden@127.0.0.1:1', NO_PROXY: hosts };
      const { code, steps } = await check(environment(proxy));
      expect(steps['url']?.message).toBe(sandbox.url);
      expect(code).toBe(0);
    },
  );

  it('says that the proxy refuses who logs in there', async () => {
    const refusing = createServer((socket) =>
      socket
        .on('error', () => {})
        .once('data', () => socket.end('HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n')),
    ).listen(0, '127.0.0.1');
    await once(refusing, 'listening');
    const { port } = refusing.address() as AddressInfo;
    const { steps } = await check(
      environment({
        DOKSTAMP_BASE_URL: 'https://api.example.test',
        HTTPS_PROXY: `http://me:hidden@127.0.0.1:${port}`,
      }),
    );
    refusing.close();
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(`the proxy 127.0.0.1:${port} (HTTPS_PROXY)`),
      next: expect.stringContaining('HTTPS_PROXY'),
    });
    expect(steps['secret']?.status).toBe('skipped');
    expect(JSON.stringify(steps)).not.toContain('hidden');
  });

  it('says that HTML came in place of JSON', async () => {
    await using server = await stubServer((_, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>');
    });
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(steps['connection']?.status).toBe('ok');
    expect(steps['secret']).toMatchObject({
      status: 'failed',
      next: expect.stringContaining('login page'),
    });
  });

  it('says that the secret is wrong, and what to do', async () => {
    const { code, steps } = await check(environment({ DOKSTAMP_CLIENT_SECRET: 'not-the-secret' }));
    expect(code).toBe(1);
    expect(steps['secret']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('invalid_client'),
      next: expect.stringContaining('account manager'),
    });
    expect(JSON.stringify(steps)).not.toContain('not-the-secret');
  });

  it('says that a mounted secret cannot be read', async () => {
    const { DOKSTAMP_CLIENT_SECRET: _, ...env } = environment();
    const { steps } = await check({ ...env, DOKSTAMP_CLIENT_SECRET_FILE: join(folder, 'none') });
    expect(steps['secret']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('says that the tenant is wrong, and names it', async () => {
    const { code, steps } = await check(environment({ DOKSTAMP_TENANT: 'elsewhere' }));
    expect(code).toBe(1);
    expect(steps['secret']?.status).toBe('ok');
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('"elsewhere"'),
      next: expect.stringContaining('DOKSTAMP_TENANT'),
    });
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('says that the tenant is missing', async () => {
    const { steps } = await check(environment({ DOKSTAMP_TENANT: '' }));
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      next: expect.stringContaining('DOKSTAMP_TENANT'),
    });
  });

  it.each([
    ['ahead of', -3_600_000],
    ['behind', 3_600_000],
  ])('says that the clock is an hour %s that of the server', async (word, offMs) => {
    await using server = await stubDokStamp((_, response) =>
      json(response, 200, { data: [] }, { date: new Date(Date.now() + offMs).toUTCString() }),
    );
    const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(code).toBe(1);
    expect(steps['clock']).toMatchObject({
      status: 'failed',
      message: `it is 60 min ${word} that of the server`,
    });
    expect(steps['tenant']?.status).toBe('ok');
  });

  it.each([
    ['drips and never ends', { 'content-type': 'application/json' }],
    ['hangs after its beginning', {}],
  ])('says that the answer of the API %s, after DOKSTAMP_TOKEN_TIMEOUT', async (how, headers) => {
    await using server = await stubDokStamp((_, response) => {
      response.writeHead(200, headers).write('{');
      if (!how.startsWith('drips')) return;
      const dripping = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(dripping));
    });
    const env = { DOKSTAMP_BASE_URL: server.url, DOKSTAMP_TOKEN_TIMEOUT: '600' };
    const { code, steps } = await check(environment(env));
    expect(code).toBe(1);
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('within 600 ms'),
      next: expect.stringContaining('DOKSTAMP_TOKEN_TIMEOUT'),
    });
  });

  it('says that the answer of the API is cut off', async () => {
    await using server = await stubDokStamp((_, response) => {
      response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy());
    });
    const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(code).toBe(1);
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('cannot be read to its end'),
      next: expect.stringContaining('Check the network'),
    });
  });

  it.each(['<h1>Log in</h1>', '"fine"', ''])(
    'says that the API answers 200 with %j, which is not of the API',
    async (body) => {
      await using server = await stubDokStamp((_, response) => response.end(body));
      const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
      expect(code).toBe(1);
      expect(steps['tenant']).toMatchObject({
        status: 'failed',
        next: expect.stringContaining('login page'),
      });
    },
  );

  it.each([
    [302, 'https://login.example/?state=hidden', 'a redirect (302) to login.example'],
    [304, undefined, 'a redirect (304)'],
  ])(
    'says that the API answers with the redirect %i to %s, and does not follow',
    async (...row) => {
      const [status, location, told] = row;
      await using server = await stubDokStamp((_, response) =>
        response.writeHead(status, location === undefined ? {} : { location }).end(),
      );
      const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
      expect(code).toBe(1);
      expect(server.seen).toHaveLength(2);
      expect(steps['tenant']).toMatchObject({
        status: 'failed',
        message: `GET /certificates answers with ${told}`,
        next: expect.stringContaining('DOKSTAMP_BASE_URL'),
      });
    },
  );

  it('takes a DOKSTAMP_TOKEN_TIMEOUT of any length, and a part of a millisecond', async () => {
    for (const timeout of ['1e12', '9000.5']) {
      expect((await check(environment({ DOKSTAMP_TOKEN_TIMEOUT: timeout }))).code).toBe(0);
    }
  });

  it('says that the clock is off also where the token is refused', async () => {
    await using server = await stubServer((_, response) =>
      json(
        response,
        401,
        { error: 'invalid_client' },
        { date: new Date(Date.now() + 3_600_000).toUTCString() },
      ),
    );
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(steps['secret']?.status).toBe('failed');
    expect(steps['clock']?.message).toBe('it is 60 min behind that of the server');
    expect(steps['tenant']?.status).toBe('skipped');
  });

  it('says that the token endpoint is slow', async () => {
    sandbox.tokenEndpoint.delay(3_200);
    const { code, steps } = await check(environment());
    expect(steps['connection']?.message).toMatch(/answered in \d\.\d s, which is slow/);
    expect(code).toBe(0);
  });

  it('says that no answer came within DOKSTAMP_TOKEN_TIMEOUT', async () => {
    sandbox.tokenEndpoint.hang();
    const { code, steps } = await check(environment({ DOKSTAMP_TOKEN_TIMEOUT: '300' }));
    expect(code).toBe(1);
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('300 ms'),
    });
  });

  it.each([429, 503])('says that the token endpoint answers %i', async (status) => {
    sandbox.tokenEndpoint.fail({ status });
    const { steps } = await check(environment());
    expect(steps['secret']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(String(status)),
      next: expect.stringContaining('Try again'),
    });
  });
});

describe('nestjs-dokstamp, when nobody reads on', () => {
  it.each([
    [0, {}],
    [1, { DOKSTAMP_CLIENT_SECRET: 'not-the-secret' }],
  ])('check goes on and ends with %i, as it would have', async (code, changes) => {
    const child = startCommand(['check'], environment(changes));
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    expect(await once(child, 'close')).toEqual([code, null]);
    expect(stderr).toBe('');
  });
});

describe('nestjs-dokstamp, called wrongly', () => {
  it.each([
    [[], 'A command is missing'],
    [['chek'], 'no command "chek"'],
    [['check', '--wrong'], "Unknown option '--wrong'"],
    [['check', 'word'], 'a word too many'],
    [['--client-secret=hidden', 'sandbox'], 'does not begin with a command'],
    [['check', '--hidden_1'], 'a flag that it does not have'],
    [['check', "--a'hidden"], 'a flag that it does not have'],
    [['sandbox', '--client-secert=hidden'], "Unknown option '--client-secert'"],
    [['sandbox', '--tenant', 'a\nhidden'], '--tenant must have no control'],
    [['sandbox', '--client-id', 'a\nhidden'], '--client-id must have no control'],
    [['sandbox', '--port', 'x'], '--port must be a number'],
    [['sandbox', '--expires-in', '0'], '--expires-in must be more than 0'],
  ])('ends with 2 and says why: %j', async (args, why) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('hidden');
    expect(stderr).toContain('npx nestjs-dokstamp check');
  });

  it('ends with 2 where the file that --env-file names is not there; or with 9, where Node.js looks first', async () => {
    const args = ['check', '--env-file', 'no-such-file'];
    const [ours, nodes] = await Promise.all([runCommand(args, {}, ['--']), runCommand(args)]);
    expect(ours).toMatchObject({ code: 2, stderr: expect.stringContaining('ENOENT') as string });
    expect(nodes).toMatchObject({
      code: 9,
      stderr: expect.stringContaining('no-such-file: not found') as string,
    });
  });

  it('tells how it is called on --help', async () => {
    const { code, stdout } = await runCommand(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('npx nestjs-dokstamp sandbox');
  });
});
