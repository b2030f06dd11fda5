import { vi } from 'vitest';
import {
  type AccountEvent,
  DokStampAccounts,
  DokStampAccountsModule,
  type DokStampAccountsOptions,
} from '../../lib/accounts/index.js';
import { boot } from './app.js';
import { freezeTime } from './time.js';
import { type Universities, universities } from './universities.js';

/** The DokStamp of the test that runs. */
export let api: Universities;

/** Before each test: a DokStamp of its own, and a frozen clock. Returns its end: `beforeEach(setUp)`. */
export async function setUp(): Promise<() => Promise<void>> {
  freezeTime();
  // The monotonic clock starts at 0, which no process that has booted sees.
  vi.advanceTimersByTime(1_000);
  const started = await universities();
  api = started;
  return async () => started[Symbol.asyncDispose]();
}

/** Boots an app with accounts at run time. By default, `resolve` reads them from `api`. */
export async function accountsApp(options: Partial<DokStampAccountsOptions> = {}) {
  const resolve = vi.fn(options.resolve ?? ((key: string) => api.optionsOf(key)));
  const module = DokStampAccountsModule.forRoot({ baseURL: api.url, ...options, resolve });
  const app = await boot({ imports: [module] });
  const accounts = app.get(DokStampAccounts);
  const events: AccountEvent[] = [];
  accounts.events$.subscribe((event) => events.push(event));
  const close = () => app.close();
  return {
    accounts,
    /** All events since the boot. */
    events,
    resolve,
    /** Sends one API request with the account of this key. Returns the owner of the token that it carried. */
    call: async (key: string): Promise<string> => {
      const { http } = await accounts.get(key);
      return (await http.axiosRef.get<{ owner: string }>('/certificates')).data.owner;
    },
    /** Those of these keys whose accounts are kept. */
    kept: (...keys: string[]) => keys.filter((key) => accounts.has(key)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
