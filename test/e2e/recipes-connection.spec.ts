import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppModule as MtlsModule } from '../../docs/recipes/mtls.js';
import { AppModule as ProxyModule } from '../../docs/recipes/proxy.js';
import { DokStampHttpService } from '../../lib/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { bootModule, environmentOf } from '../support/recipes.js';
import { rejectionOf } from '../support/requests.js';
import { selfSigned } from '../support/self-signed.js';
import { type TlsFront, tlsFront, tunnelProxy } from '../support/tls-front.js';

const gateway = selfSigned('gateway');
const client = selfSigned('registrar');

let folder: string;
let sandbox: DokStampSandbox;
let front: TlsFront;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dokstamp-recipes-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await front[Symbol.asyncDispose]();
  await sandbox.stop();
});

/** A file with this text, as a mounted secret is. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the recipe for mTLS', () => {
  beforeEach(async () => {
    front = await tlsFront(sandbox.url, { ...gateway, requestCert: true, ca: client.cert });
  });

  const environment = ({ key, cert } = client) =>
    environmentOf(sandbox, {
      DOKSTAMP_BASE_URL: front.url,
      TLS_CERT_FILE: file('cert.pem', cert),
      TLS_KEY_FILE: file('key.pem', key),
      TLS_CA_FILE: file('ca.pem', gateway.cert),
    });

  it('shows the client certificate with the token request and with every call', async () => {
    environment();
    await using app = await bootModule(MtlsModule);
    const { axiosRef } = app.get(DokStampHttpService);
    expect((await axiosRef.get('/certificates')).status).toBe(200);
    expect((await axiosRef.get('/certificates')).status).toBe(200);
    expect(front.callers).toEqual(['registrar', 'registrar', 'registrar']);
    expect(sandbox.requests.map(({ path }) => path)).toEqual([
      '/oauth/token',
      '/certificates',
      '/certificates',
    ]);
  });

  it('gets no token with a certificate that the gateway does not know', async () => {
    environment(selfSigned('stranger'));
    await using app = await bootModule(MtlsModule);
    const error = await rejectionOf(app.get(DokStampHttpService).axiosRef.get('/certificates'));
    expect(error).toMatchObject({ code: 'token_request_failed' });
    expect(sandbox.requests).toEqual([]);
  });
});

describe('the recipe for a proxy', () => {
  beforeEach(async () => {
    front = await tlsFront(sandbox.url, gateway);
  });

  it('leads the token request and every call through the tunnel, and nothing past it', async () => {
    await using proxy = await tunnelProxy();
    environmentOf(sandbox, {
      DOKSTAMP_BASE_URL: front.url,
      HTTPS_PROXY: proxy.url,
      TLS_CA_FILE: file('ca.pem', gateway.cert),
    });
    await using app = await bootModule(ProxyModule);
    const { axiosRef } = app.get(DokStampHttpService);
    const calls = Array.from({ length: 5 }, () => axiosRef.get('/certificates'));
    for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
    expect(front.callers).toHaveLength(6);
    expect(proxy.tunnels).toHaveLength(front.connections);
    expect(new Set(proxy.tunnels)).toEqual(new Set([new URL(front.url).host]));
    // Kept alive: further calls need no further tunnel.
    const { length } = proxy.tunnels;
    await axiosRef.get('/certificates');
    expect(proxy.tunnels).toHaveLength(length);
  });

  it('sends nothing where the proxy refuses the tunnel', async () => {
    await using stranger = await tlsFront(sandbox.url, gateway);
    environmentOf(sandbox, {
      DOKSTAMP_BASE_URL: front.url,
      HTTPS_PROXY: stranger.url.replace('https', 'http'),
    });
    await using app = await bootModule(ProxyModule);
    const error = await rejectionOf(app.get(DokStampHttpService).axiosRef.get('/certificates'));
    expect(error).toMatchObject({ code: 'token_request_failed' });
    expect(sandbox.requests).toEqual([]);
  });
});
