import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppModule as MtlsModule } from '../../../../docs/recipes/mtls.js';
import { AppModule as ProxyModule } from '../../../../docs/recipes/proxy.js';
import { DokStampHttpService } from '../../../../lib/index.js';
import { DokStampSandbox } from '../../../../lib/testing/index.js';
import { bootModule, environmentOf } from '../../../support/recipes.js';
import { selfSigned } from '../../../support/self-signed.js';
import { rejectionOf } from '../../../support/stub-account.js';
import { freezeTime, settle } from '../../../support/time.js';
import { type TlsFront, tlsFront, tunnelProxy } from '../../../support/tls-front.js';

const gateway = selfSigned('gateway');
const client = selfSigned('registrar');
const stranger = selfSigned('stranger');

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
  await front[Symbol.asyncDispose]();
  await sandbox.stop();
});

/** Writes a file, as a secret is mounted. Returns its path. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Boots the module of a recipe, and calls the API while time is frozen: the attempts follow without a pause. */
async function failedCall(module: Parameters<typeof bootModule>[0]): Promise<Error> {
  freezeTime();
  await using app = await bootModule(module);
  const call = app.get(DokStampHttpService).axiosRef.get('/certificates');
  return await settle(rejectionOf(call));
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

  it('sends the client certificate with the token request and with each call', async () => {
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

  it('obtains no token with a certificate that the gateway does not know', async () => {
    environment(stranger);
    expect(await failedCall(MtlsModule)).toMatchObject({ code: 'token_request_failed' });
    expect(sandbox.requests).toEqual([]);
  });
});

describe('the recipe for a proxy', () => {
  beforeEach(async () => {
    front = await tlsFront(sandbox.url, gateway);
  });

  it('sends the token request and each call through the tunnel only', async () => {
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
    // Connections are kept alive, so further calls need no further tunnel.
    const { length } = proxy.tunnels;
    await axiosRef.get('/certificates');
    expect(proxy.tunnels).toHaveLength(length);
  });

  it('sends nothing if the proxy refuses the tunnel', async () => {
    await using refusing = await tlsFront(sandbox.url, gateway);
    environmentOf(sandbox, {
      DOKSTAMP_BASE_URL: front.url,
      HTTPS_PROXY: refusing.url.replace('https', 'http'),
    });
    expect(await failedCall(ProxyModule)).toMatchObject({ code: 'token_request_failed' });
    expect(sandbox.requests).toEqual([]);
  });
});
