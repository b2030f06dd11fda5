import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DokStampError,
  DokStampHttpService,
  DokStampModule,
  TokenService,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../lib/index.js';
import { boot } from '../support/app.js';
import { account, send, server, setUp, tearDown, tokenRequests } from '../support/registration.js';
import { rejectionOf, tokensSeen } from '../support/requests.js';

beforeEach(setUp);
afterEach(tearDown);

describe('a TokenService that is overridden', () => {
  it.each([undefined, 'eu'])('is the one that the HTTP service asks (name: %s)', async (name) => {
    const registration = DokStampModule.forRoot({ ...account(), ...(name ? { name } : {}) });
    const testing = await Test.createTestingModule({ imports: [registration] })
      .overrideProvider(getTokenServiceToken(name))
      .useValue({ getToken: async () => 'fake' })
      .compile();
    await using app = Object.assign(testing.createNestApplication({ logger: false }), {
      [Symbol.asyncDispose]: () => testing.close(),
    });
    await app.init();
    await send(app.get<DokStampHttpService>(getDokStampHttpToken(name)));
    expect(tokensSeen(server)).toEqual(['fake']);
    expect(tokenRequests()).toBe(0);
  });

  it('by a spy on getToken is honoured, for as long as the spy is there', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    const http = app.get(DokStampHttpService);
    const spy = vi.spyOn(app.get(TokenService), 'getToken').mockResolvedValue('spied');
    await send(http);
    expect(spy).toHaveBeenCalledTimes(1);
    expect(tokenRequests()).toBe(0);
    spy.mockRestore();
    await send(http);
    expect(tokensSeen(server)).toEqual(['spied', 'client-1/1']);
  });

  it('by a spy on the class is honoured too, after a token was had', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    const http = app.get(DokStampHttpService);
    await send(http);
    vi.spyOn(TokenService.prototype, 'getToken').mockResolvedValue('spied');
    await send(http);
    expect(tokensSeen(server)).toEqual(['client-1/1', 'spied']);
  });

  it('rejects calls with its own error, as it is', async () => {
    class OwnError extends DokStampError {}
    const error = new OwnError('credentials_unavailable', 'The vault is sealed.');
    const getToken = () => Promise.reject(error);
    const testing = Test.createTestingModule({ imports: [DokStampModule.forRoot(account())] });
    const app = await testing.overrideProvider(TokenService).useValue({ getToken }).compile();
    expect(await rejectionOf(send(app.get(DokStampHttpService)))).toBe(error);
  });

  it('by a spy after a token was had is honoured too', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    const http = app.get(DokStampHttpService);
    await send(http);
    vi.spyOn(app.get(TokenService), 'getToken').mockResolvedValue('spied');
    await send(http);
    expect(tokensSeen(server)).toEqual(['client-1/1', 'spied']);
  });
});
