import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import axios from 'axios';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';
import {
  DokStampHttpService,
  DokStampModule,
  InjectTokenService,
  TokenService,
} from '../../lib/index.js';
import { boot } from '../support/app.js';
import {
  SECRET,
  account,
  interceptorsOf,
  send,
  server,
  setUp,
  tearDown,
  tokenRequests,
} from '../support/registration.js';
import { rejectionOf } from '../support/requests.js';
import { json, stubServer } from '../support/stub-server.js';

beforeEach(setUp);
afterEach(tearDown);

describe('startup', () => {
  it('background: fetches the first token during boot', async () => {
    const options = account({ startup: 'background' });
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    expect(await app.get(TokenService).getToken()).toBe('client-1/1');
    expect(tokenRequests()).toBe(1);
  });

  it('background: does not hold the boot up, though the token endpoint never answers', async () => {
    await using hanging = await stubServer(() => {});
    const options = account({ baseURL: hanging.url, startup: 'background' });
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    expect(app.get(TokenService).status.state).toBe('absent');
    while (hanging.seen.length === 0) await setImmediate();
    expect(hanging.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /oauth/token',
    ]);
  });

  it('background: is what happens unless told otherwise', async () => {
    const { startup: _, ...options } = account();
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    while (server.seen.length === 0) await setImmediate();
    expect(await app.get(TokenService).getToken()).toBe('client-1/1');
  });

  it('required: the boot waits for the token', async () => {
    const options = account({ startup: 'required' });
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    expect(app.get(TokenService).status.state).toBe('valid');
    expect(tokenRequests()).toBe(1);
  });

  it.each(['required', 'background'] as const)(
    '%s: asks once, also where another provider gives the same TokenService',
    async (startup) => {
      const alias = { provide: 'alias', inject: [TokenService], useFactory: (it: unknown) => it };
      const imports = [DokStampModule.forRoot(account({ startup }))];
      await using app = await boot({ imports, providers: [alias] });
      expect(app.get('alias')).toBe(app.get(TokenService));
      await app.get(TokenService).getToken();
      expect(tokenRequests()).toBe(1);
    },
  );

  it.each([
    [400, 'invalid_client'],
    [401, 'invalid_client'],
    [403, 'token_request_rejected'],
    [429, 'token_rate_limited'],
    [500, 'token_request_failed'],
    [200, 'token_response_invalid'],
  ])('required: the boot fails with the typed error (%d: %s)', async (status, code) => {
    vi.spyOn(SYSTEM_CLOCK, 'random').mockReturnValue(0);
    const error = code === 'invalid_client' ? { error: code } : {};
    await using refusing = await stubServer((_, response) => json(response, status, error));
    const options = account({ baseURL: refusing.url, startup: 'required' });
    const failure = await rejectionOf(boot({ imports: [DokStampModule.forRoot(options)] }));
    expect(failure).toMatchObject({ name: 'DokStampError', code });
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(SECRET);
  });

  it('lazy: asks nothing before the first use', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    // Whatever had been sent during boot would have come in before these.
    for (let turn = 0; turn < 3; turn++) await axios.get(`${server.url}/plain`);
    expect(tokenRequests()).toBe(0);
    expect(app.get(TokenService).status.state).toBe('absent');
    await send(app.get(DokStampHttpService));
    expect(server.seen.slice(3).map(({ url }) => url)).toEqual(['/oauth/token', '/certificates']);
  });
});

describe('an app that is closed', () => {
  it.each([0, 1])(
    'leaves no timers, ten times in a row, with ScheduleModule %d times',
    async (times) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
      const idle = interceptorsOf(axios);
      for (let life = 1; life <= 10; life++) {
        const schedule = times ? [ScheduleModule.forRoot()] : [];
        const registration = DokStampModule.forRoot(account({ startup: 'required' }));
        const app = await boot({ imports: [...schedule, registration] });
        await send(app.get(DokStampHttpService));
        expect(vi.getTimerCount()).toBe(1);
        await app.close();
        expect(vi.getTimerCount()).toBe(0);
      }
      expect(tokenRequests()).toBe(10);
      expect(interceptorsOf(axios)).toEqual(idle);
    },
  );

  it('plans no renewal from onModuleDestroy on; tokens can be had until it has shut down', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const seen: unknown[] = [];
    @Injectable()
    class LastJob implements BeforeApplicationShutdown {
      constructor(@InjectTokenService() readonly tokens: TokenService) {}

      async beforeApplicationShutdown(): Promise<void> {
        seen.push(this.tokens.status.nextRenewalAt, vi.getTimerCount());
        seen.push(await this.tokens.getToken(), await this.tokens.renew(), vi.getTimerCount());
      }
    }
    const registration = DokStampModule.forRoot(account({ startup: 'required' }));
    const app = await boot({ imports: [registration], providers: [LastJob] });
    await app.close();
    expect(seen).toEqual([undefined, 0, 'client-1/1', 'client-1/2', 0]);
    await expect(app.get(TokenService).getToken()).rejects.toMatchObject({ code: 'closed' });
  });

  it('leaves none while a token request is under way', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using hanging = await stubServer(() => {});
    const options = account({ baseURL: hanging.url, startup: 'background' });
    const app = await boot({ imports: [DokStampModule.forRoot(options)] });
    while (hanging.seen.length === 0) await setImmediate();
    const waiting = rejectionOf(app.get(TokenService).getToken());
    await app.close();
    expect(await waiting).toMatchObject({ code: 'closed' });
    expect(vi.getTimerCount()).toBe(0);
  });
});
