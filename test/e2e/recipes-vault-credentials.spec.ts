import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../../docs/recipes/vault-credentials.js';
import { DokStampHttpService, TokenService } from '../../lib/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { load } from '../support/load.js';
import { bootModule, environmentOf } from '../support/recipes.js';
import { rejectionOf } from '../support/requests.js';
import { type StubServer, json, stubServer } from '../support/stub-server.js';
import { until } from '../support/token-harness.js';

let sandbox: DokStampSandbox;
let vault: StubServer;
let isVaultDown: boolean;
let secret: { client_id: string; client_secret: string };

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  isVaultDown = false;
  keep(sandbox.credentials);
  // The KV version 2 engine: a 404 for what is not there, a 403 without the token.
  vault = await stubServer(({ url, headers }, response) => {
    if (isVaultDown) return json(response, 503, { errors: ['Vault is sealed'] });
    if (headers['x-vault-token'] !== 'vault-token') return json(response, 403, { errors: [] });
    if (url !== '/v1/secret/data/dokstamp') return json(response, 404, { errors: [] });
    return json(response, 200, { data: { data: secret, metadata: { version: 1 } } });
  });
  environmentOf(sandbox, {
    DOKSTAMP_CLIENT_ID: undefined,
    DOKSTAMP_CLIENT_SECRET: undefined,
    VAULT_ADDR: vault.url,
    VAULT_TOKEN: 'vault-token',
  });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await vault[Symbol.asyncDispose]();
  await sandbox.stop();
});

function keep({ clientId, clientSecret }: typeof sandbox.credentials): void {
  secret = { client_id: clientId, client_secret: clientSecret };
}

describe('the recipe for secrets from a vault', () => {
  it('costs no failed call where the secret is rotated under load', async () => {
    await using app = await bootModule(AppModule);
    const { axiosRef } = app.get(DokStampHttpService);
    let done = 0;
    await using calls = load(async () => {
      await axiosRef.get('/certificates');
      done++;
    });
    await until(() => done > 50);
    keep(sandbox.rotateCredentials());
    await until(() => done > 200);
    expect((await calls.stop()).failures).toEqual([]);
    expect(sandbox.tokenRequests).toBe(2);
    expect(vault.seen).toHaveLength(2);
  });

  it('goes on by itself where the vault learns of the new secret later', async () => {
    await using app = await bootModule(AppModule);
    const { axiosRef } = app.get(DokStampHttpService);
    await axiosRef.get('/certificates');
    const pair = sandbox.rotateCredentials();
    expect(await rejectionOf(axiosRef.get('/certificates'))).toMatchObject({
      code: 'invalid_client',
    });
    keep(pair);
    await vi.waitFor(() => axiosRef.get('/certificates'), { timeout: 5_000, interval: 200 });
  });

  it('serves the present token while the vault is down, and tells no word of the vault', async () => {
    await using app = await bootModule(AppModule);
    const { axiosRef } = app.get(DokStampHttpService);
    await axiosRef.get('/certificates');
    isVaultDown = true;
    const error = await rejectionOf(app.get(TokenService).renew());
    expect(error).toMatchObject({ code: 'credentials_unavailable' });
    expect(error.message).not.toContain('503');
    expect((await axiosRef.get('/certificates')).status).toBe(200);
  });
});
