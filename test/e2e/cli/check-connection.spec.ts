import dns from 'node:dns';
import { once } from 'node:events';
import https from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { check, environment, sandbox, setUp, tearDown } from '../../support/check-command.js';
import { selfSigned } from '../../support/self-signed.js';
import { stubServer } from '../../support/stub-server.js';
import { tlsFront } from '../../support/tls-front.js';

beforeEach(setUp);
afterEach(tearDown);

/** Makes each DNS lookup fail with this code. */
function failLookups(code: string): void {
  vi.spyOn(dns, 'lookup').mockImplementation((...args: unknown[]) => {
    const callback = args.at(-1) as (error: Error) => void;
    setImmediate(callback, Object.assign(new Error(`lookup ${code}`), { code }));
  });
}

describe('nestjs-dokstamp check, without a connection', () => {
  it.each([
    ['ENOTFOUND', 'DNS does not know api.example.test'],
    ['EAI_AGAIN', 'DNS does not know api.example.test'],
    ['ENETUNREACH', 'there is no way to api.example.test'],
  ])('names the host and the cause for %s', async (code, message) => {
    failLookups(code);
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: 'https://api.example.test' }));
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: `${message} (${code})`,
    });
    expect(steps['secret']?.status).toBe('skipped');
  });

  it('reports that the server refuses the connection', async () => {
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

  it('reports that the server closes the connection', async () => {
    await using server = await stubServer((_, response) => response.destroy());
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    const { host } = new URL(server.url);
    expect(steps['connection']?.message).toBe(`${host} hangs up (ECONNRESET)`);
  });
});

describe('nestjs-dokstamp check, over TLS', () => {
  /** Runs `check` against a server with this certificate. */
  async function checkTls(
    certificate: ReturnType<typeof selfSigned> & TlsOptions,
    isTrusted: boolean,
  ) {
    await using front = await tlsFront(sandbox.url, certificate);
    // Node.js reads NODE_EXTRA_CA_CERTS only when a process starts.
    const { options } = https.globalAgent;
    if (isTrusted) options.ca = certificate.cert;
    try {
      return await check(environment({ DOKSTAMP_BASE_URL: front.url }));
    } finally {
      delete options.ca;
    }
  }

  it('succeeds with a certificate of a trusted authority', async () => {
    expect((await checkTls(selfSigned('gateway'), true)).code).toBe(0);
  });

  it('reports a certificate of an unknown authority, and names NODE_EXTRA_CA_CERTS', async () => {
    const { steps } = await checkTls(selfSigned('gateway'), false);
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('signed by nobody'),
      next: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  it('reports an expired certificate', async () => {
    const { steps } = await checkTls(selfSigned('gateway', { until: Date.now() - 60_000 }), true);
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('has expired'),
      next: expect.stringContaining('clock'),
    });
  });

  it('reports a certificate for another host', async () => {
    const { steps } = await checkTls(selfSigned('gateway', { host: 'other.example' }), true);
    expect(steps['connection']?.message).toContain('is for another host');
  });

  it('reports a server that does not speak TLS', async () => {
    const url = sandbox.url.replace('http:', 'https:');
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: url }));
    expect(steps['connection']?.message).toContain('does not speak TLS');
  });

  it.each([
    ['refuses the TLS handshake', { maxVersion: 'TLSv1.2', requestCert: true }],
    ['refuses the TLS handshake', { requestCert: true }],
    ['no version of TLS in common', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }],
  ] as const)('reports "%s" for a server with %j', async (what, options) => {
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const { steps } = await checkTls({ ...selfSigned('gateway'), ciphers, ...options }, true);
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(what),
      next: expect.stringContaining('sk who runs the server'),
    });
  });
});

describe('nestjs-dokstamp check, with a proxy in the environment', () => {
  it.each([
    ['http://127.0.0.1:1', 'ECONNREFUSED'],
    ['http://nowhere.invalid:1', 'ENOTFOUND'],
  ])('reports that the proxy %s cannot be reached (%s)', async (url, code) => {
    if (code === 'ENOTFOUND') failLookups(code);
    const { steps } = await check(environment({ http_proxy: url }));
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(`the proxy ${new URL(url).host} (http_proxy)`),
      next: expect.stringContaining('NO_PROXY'),
    });
    expect(steps['connection']?.message).toContain(code);
  });

  it.each(['127.0.0.1', '*', '10.0.0.0/8 127.0.0.0/8'])(
    'names no proxy if NO_PROXY is %s',
    async (hosts) => {
      const proxy = { HTTP_PROXY: 'http://me:hidden@127.0.0.1:1', NO_PROXY: hosts };
      const { code, steps } = await check(environment(proxy));
      expect(steps['url']?.message).toBe(sandbox.url);
      expect(code).toBe(0);
    },
  );

  it('reports that the proxy rejects the login, without showing it', async () => {
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
});
