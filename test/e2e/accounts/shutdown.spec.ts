import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  DokStampAccounts,
  DokStampAccountsModule,
  type DokStampAccount,
} from '../../../lib/accounts/index.js';
import { accountsApp, api, setUp } from '../../support/accounts-app.js';
import { boot } from '../../support/app.js';
import { advance, waitUntil } from '../../support/time.js';

beforeEach(setUp);

describe('when the app closes', () => {
  it('each account stops its timer, events$ completes, and later calls reject with closed', async () => {
    const app = await accountsApp();
    const { http, tokens } = await app.accounts.get('a');
    await app.call('a');
    let isComplete = false;
    app.accounts.events$.subscribe({ complete: () => (isComplete = true) });
    await app.close();
    expect(isComplete).toBe(true);
    expect(tokens.status).toEqual({ state: 'closed' });
    await expect(app.accounts.get('a')).rejects.toMatchObject({ code: 'closed' });
    await expect(app.accounts.get('b')).rejects.toMatchObject({ code: 'closed' });
    await expect(http.axiosRef.get('/x')).rejects.toMatchObject({ code: 'closed' });
  });

  it('an account can still be used in beforeApplicationShutdown, without a timer', async () => {
    const made: DokStampAccount[] = [];
    @Injectable()
    class LastCall implements BeforeApplicationShutdown {
      constructor(private readonly accounts: DokStampAccounts) {}

      async beforeApplicationShutdown() {
        for (const key of ['known', 'new']) {
          const account = await this.accounts.get(key);
          await account.http.axiosRef.get('/certificates');
          expect(account.tokens.status.state).toBe('valid');
          expect(account.tokens.status.nextRenewalAt).toBeUndefined();
          made.push(account);
        }
      }
    }
    const module = DokStampAccountsModule.forRoot({ baseURL: api.url, resolve: api.optionsOf });
    const app = await boot({ imports: [module], providers: [LastCall] });
    const { tokens } = await app.get(DokStampAccounts).get('known');
    await tokens.getToken();
    await app.close();
    expect(made.map(({ key }) => key)).toEqual(['known', 'new']);
    expect(made.map((account) => account.tokens.status.state)).toEqual(['closed', 'closed']);
  });

  it('an evicted account rejects with closed as well', async () => {
    const app = await accountsApp({ max: 1 });
    const { http, tokens } = await app.accounts.get('a');
    await app.call('a');
    await app.call('b');
    await waitUntil(() => !app.accounts.has('a'));
    expect(await tokens.getToken()).toContain('_of_a');
    await app.close();
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'closed' });
    await expect(http.axiosRef.get('/x')).rejects.toMatchObject({ code: 'closed' });
  });

  it('an account that was idle for longer than idleAfter rejects with closed as well', async () => {
    const app = await accountsApp({ idleAfter: 10 });
    const { tokens } = await app.accounts.get('a');
    await advance(10_200, 100);
    await app.close();
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'closed' });
  });
});
