import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppModule } from '../../../../docs/recipes/vault-credentials.js';
import { DokStampHttpService, TokenService } from '../../../../lib/index.js';
import { DokStampSandbox } from '../../../../lib/testing/index.js';
import { load } from '../../../support/load.js';
import { bootModule, environmentOf } from '../../../support/recipes.js';
import { rejectionOf } from '../../../support/stub-account.js';
import { type StubServer, json, stubServer } from '../../../support/stub-server.js';
import { advance, freezeTime, settle, waitUntil } from '../../../support/time.js';

let sandbox: DokStampSandbox;
let vault: StubServer;
let isVaultDown: boolean;
let secret: { client_id: string; client_secret: string };

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  isVaultDown = false;
  storeInVault(sandbox.credentials);
  // The KV version 2 engine answers 404 for an unknown path, and 403 without its token.
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
  await vault[Symbol.asyncDispose]();
  await sandbox.stop();
});

function storeInVault({ clientId, clientSecret }: typeof sandbox.credentials): void {
  secret = { client_id: clientId, client_secret: clientSecret };
}

describe('the recipe for credentials from a vault', () => {
  it('completes every call although the secret is rotated under load', async () => {
    await using app = await bootModule(AppModule);
    const { axiosRef } = app.get(DokStampHttpService);
    let completed = 0;
    await using calls = load(async () => {
      await axiosRef.get('/certificates');
      completed++;
    }, 8);
    await waitUntil(() => completed > 8);
    storeInVault(sandbox.rotateCredentials());
    await waitUntil(() => completed > 24);
    expect((await calls.stop()).failures).toEqual([]);
    expect(sandbox.tokenRequests).toBe(2);
    expect(vault.seen).toHaveLength(2);
  });

  it('recovers a second after the vault has the new secret', async () => {
    freezeTime();
    await using app = await bootModule(AppModule);
    const get = () => app.get(DokStampHttpService).axiosRef.get('/certificates');
    await settle(get());
    const credentials = sandbox.rotateCredentials();
    expect(await settle(rejectionOf(get()))).toMatchObject({ code: 'invalid_client' });
    storeInVault(credentials);
    await advance(1_000);
    expect((await settle(get())).status).toBe(200);
  });

  it('uses the present token while the vault is down, and repeats no text of the vault', async () => {
    freezeTime();
    await using app = await bootModule(AppModule);
    const get = () => app.get(DokStampHttpService).axiosRef.get('/certificates');
    await settle(get());
    isVaultDown = true;
    const error = await settle(rejectionOf(app.get(TokenService).renew()));
    expect(error).toMatchObject({ code: 'credentials_unavailable' });
    expect(error.message).not.toContain('503');
    expect((await settle(get())).status).toBe(200);
  });
});
