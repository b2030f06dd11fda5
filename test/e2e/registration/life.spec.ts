import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import axios from 'axios';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DokStampHttpService,
  DokStampModule,
  InjectTokenService,
  TokenService,
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import {
  SECRET,
  account,
  interceptorsOf,
  send,
  server,
  setUp,
  tearDown,
  tokenRequests,
} from '../../support/registration.js';
import { rejectionOf } from '../../support/stub-account.js';
import { json, stubServer } from '../../support/stub-server.js';
import { freezeTime, settle, waitUntil } from '../../support/time.js';

beforeEach(setUp);
afterEach(tearDown);

describe('startup: background', () => {
  it('requests the first token during the boot', async () => {
    const options = account({ startup: 'background' });
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    expect(await app.get(TokenService).getToken()).toBe('client-1/1');
    expect(tokenRequests()).toBe(1);
  });

  it('does not delay the boot if the token endpoint does not respond', async () => {
    await using hanging = await stubServer(() => {});
    const options = account({ baseURL: hanging.url, startup: 'background' });
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    expect(app.get(TokenService).status.state).toBe('absent');
    await waitUntil(() => hanging.seen.length > 0);
    expect(hanging.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /oauth/token',
    ]);
  });

  it('is the default', async () => {
    const { startup: _, ...options } = account();
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    await waitUntil(() => server.seen.length > 0);
    expect(await app.get(TokenService).getToken()).toBe('client-1/1');
  });
});

describe('startup: required', () => {
  it('delays the boot until there is a token', async () => {
    const options = account({ startup: 'required' });
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    expect(app.get(TokenService).status.state).toBe('valid');
    expect(tokenRequests()).toBe(1);
  });

  it.each([
    [400, 'invalid_client'],
    [401, 'invalid_client'],
    [403, 'token_request_rejected'],
    [429, 'token_rate_limited'],
    [500, 'token_request_failed'],
    [200, 'token_response_invalid'],
  ])(
    'makes the boot fail with the typed error, and leaves no timer (%d: %s)',
    async (status, code) => {
      freezeTime();
      const error = code === 'invalid_client' ? { error: code } : {};
      await using refusing = await stubServer((_, response) => json(response, status, error));
      const options = account({ baseURL: refusing.url, startup: 'required' });
      const failure = await settle(
        rejectionOf(boot({ imports: [DokStampModule.forRoot(options)] })),
      );
      expect(failure).toMatchObject({ name: 'DokStampError', code });
      expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(SECRET);
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});

describe('startup: lazy', () => {
  it('requests no token before the first use', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    // A request that was sent during the boot arrives before these.
    for (let nth = 0; nth < 3; nth++) await axios.get(`${server.url}/plain`);
    expect(tokenRequests()).toBe(0);
    expect(app.get(TokenService).status.state).toBe('absent');
    await send(app.get(DokStampHttpService));
    expect(server.seen.slice(3).map(({ url }) => url)).toEqual(['/oauth/token', '/certificates']);
  });
});

describe('a TokenService with an alias', () => {
  it.each(['required', 'background'] as const)(
    'requests one token at the start (%s)',
    async (startup) => {
      const alias = { provide: 'alias', inject: [TokenService], useFactory: (it: unknown) => it };
      const imports = [DokStampModule.forRoot(account({ startup }))];
      await using app = await boot({ imports, providers: [alias] });
      expect(app.get('alias')).toBe(app.get(TokenService));
      await app.get(TokenService).getToken();
      expect(tokenRequests()).toBe(1);
    },
  );
});

describe('an app that closes', () => {
  it.each([0, 1])(
    'leaves no timer, listener or socket, ten times in a row, with ScheduleModule %d times',
    async (times) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
      using sockets = socketsOf(server.url);
      const listeners = () =>
        process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
      const interceptors = interceptorsOf(axios);
      let before: number | undefined;
      for (let life = 1; life <= 10; life++) {
        const schedule = times ? [ScheduleModule.forRoot()] : [];
        const registration = DokStampModule.forRoot(account({ startup: 'required' }));
        const app = await boot({ imports: [...schedule, registration] });
        await send(app.get(DokStampHttpService));
        expect(vi.getTimerCount()).toBe(1);
        expect(sockets.open()).toBeGreaterThan(0);
        await app.close();
        expect(vi.getTimerCount()).toBe(0);
        before ??= listeners();
      }
      expect(tokenRequests()).toBe(10);
      expect(listeners()).toBe(before);
      expect(interceptorsOf(axios)).toEqual(interceptors);
      // The connection that Node.js keeps for the next request.
      await waitUntil(() => sockets.open() <= 1);
    },
  );

  it('plans no renewal from onModuleDestroy on, and supplies tokens until it has shut down', async () => {
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

  it('rejects the waiting calls and leaves no timer during a token request', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using hanging = await stubServer(() => {});
    const options = account({ baseURL: hanging.url, startup: 'background' });
    const app = await boot({ imports: [DokStampModule.forRoot(options)] });
    await waitUntil(() => hanging.seen.length > 0);
    const waiting = rejectionOf(app.get(TokenService).getToken());
    await app.close();
    expect(await waiting).toMatchObject({ code: 'closed' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** The connections that the server of this process accepts from now on. */
function socketsOf(url: string): Disposable & { open(): number } {
  const port = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  const accept = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    if (socket.localPort !== port) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  subscribe('net.server.socket', accept);
  return {
    open: () => sockets.size,
    [Symbol.dispose]: () => unsubscribe('net.server.socket', accept),
  };
}
