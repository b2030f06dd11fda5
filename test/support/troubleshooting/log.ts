import { vi } from 'vitest';
import type { TestApp } from '../app.js';
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
};

function withoutToken(work: (account: TestApp) => Promise<unknown>): Promise<string[]> {
  return atSandbox((account, sandbox) => {
    sandbox.tokenEndpoint.fail({ status: 503 });
    return logged(() => work(account));
  });
}
