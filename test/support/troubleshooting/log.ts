import { filter, firstValueFrom } from 'rxjs';
import { vi } from 'vitest';
import type { TestApp } from '../app.js';
import { MapTokenStore } from '../map-token-store.js';
import { rejectionOf } from '../requests.js';
import { type Producers, atSandbox, logged } from './produced.js';

/** What is told in the log. */
export const logProducers: Producers = {
  'Token renewal is failing': () =>
    atSandbox(async ({ tokens }, sandbox) => {
      await tokens.getToken();
      sandbox.tokenEndpoint.fail({ status: 503 });
      const [withToken = ''] = await logged(() => rejectionOf(tokens.renew()));
      return [
        withToken,
        ...(await withoutToken((account) => rejectionOf(account.tokens.getToken()))),
        ...(await withoutToken((account) => {
          account.tokens.onModuleDestroy();
          return rejectionOf(account.tokens.getToken());
        })),
      ];
    }),
  'Token renewal works again': () =>
    atSandbox(async ({ tokens }, sandbox) => {
      await tokens.getToken();
      sandbox.tokenEndpoint.fail({ status: 429, times: 1 });
      await rejectionOf(tokens.renew());
      return logged(() => vi.waitFor(() => tokens.renew(), { timeout: 5_000, interval: 100 }));
    }),
  'First token obtained': () => atSandbox(({ tokens }) => logged(() => tokens.getToken())),
  'A 401 was healed': () =>
    atSandbox(async ({ http, tokens }, sandbox) => {
      await tokens.getToken();
      sandbox.revokeTokens();
      return logged(() => http.axiosRef.get('/certificates'));
    }),
  'The token answer tells no expires_in': () =>
    atSandbox(async ({ tokens }, sandbox) => {
      const body = { token_type: 'Bearer', access_token: 'a-token' };
      sandbox.tokenEndpoint.fail({ status: 200, body });
      return (await logged(() => tokens.getToken())).slice(0, 1);
    }),
  'The token store cannot be used': async () => {
    const tokenStore = new FailingStore();
    const lines = atSandbox(({ tokens }) => logged(() => tokens.getToken()), { tokenStore });
    return (await lines).slice(0, 1);
  },
  'The token store can be used again': () => {
    const tokenStore = new FailingStore();
    return atSandbox(
      async ({ tokens }) => {
        const recovered = firstValueFrom(
          tokens.events$.pipe(filter(({ type }) => type === 'store-recovered')),
        );
        await tokens.getToken();
        return logged(async () => {
          tokenStore.isDown = false;
          await recovered;
        });
      },
      { tokenStore },
    );
  },
  'The token store holds a value that is not ours': async () => {
    const tokenStore = Object.assign(new MapTokenStore(), { read: async () => 'garbled' });
    const lines = atSandbox(({ tokens }) => logged(() => tokens.getToken()), { tokenStore });
    return (await lines).slice(0, 1);
  },
  'The lease in the token store does not end': async () => {
    const tokenStore = Object.assign(new MapTokenStore(), { lease: async () => false });
    const lines = atSandbox(({ tokens }) => logged(() => tokens.getToken()), {
      tokenStore,
      tokenTimeout: 100,
    });
    return (await lines).slice(0, 1);
  },
};

class FailingStore extends MapTokenStore {
  isDown = true;

  override async read(key: string) {
    if (this.isDown) throw new Error('READONLY');
    return super.read(key);
  }

  override async lease(key: string, owner: string, lifetimeMs: number) {
    if (this.isDown) throw new Error('READONLY');
    return super.lease(key, owner, lifetimeMs);
  }
}

function withoutToken(work: (account: TestApp) => Promise<unknown>): Promise<string[]> {
  return atSandbox((account, sandbox) => {
    sandbox.tokenEndpoint.fail({ status: 503 });
    return logged(() => work(account));
  });
}
