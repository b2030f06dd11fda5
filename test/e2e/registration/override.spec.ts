import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DokStampError,
  DokStampHttpService,
  DokStampModule,
  TokenService,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import {
  account,
  send,
  server,
  setUp,
  tearDown,
  tokenRequests,
} from '../../support/registration.js';
import { rejectionOf, tokensSeen } from '../../support/stub-account.js';

beforeEach(setUp);
afterEach(tearDown);

describe('a TokenService that a test overrides', () => {
  it.each([undefined, 'eu'])('supplies the tokens of the HTTP service (name: %s)', async (name) => {
    const registration = DokStampModule.forRoot({ ...account(), ...(name ? { name } : {}) });
    const testing = await Test.createTestingModule({ imports: [registration] })
      .overrideProvider(getTokenServiceToken(name))
      .useValue({ getToken: async () => 'fake' })
      .compile();
    await testing.init();
    await send(testing.get<DokStampHttpService>(getDokStampHttpToken(name)));
    expect(tokensSeen(server)).toEqual(['fake']);
    expect(tokenRequests()).toBe(0);
    await testing.close();
  });

  it('rejects calls with its own error', async () => {
    class OwnError extends DokStampError {}
    const error = new OwnError('credentials_unavailable', 'The vault is sealed.');
    const getToken = () => Promise.reject(error);
    const testing = Test.createTestingModule({ imports: [DokStampModule.forRoot(account())] });
    const app = await testing.overrideProvider(TokenService).useValue({ getToken }).compile();
    expect(await rejectionOf(send(app.get(DokStampHttpService)))).toBe(error);
  });
});

describe('a spy on getToken', () => {
  it.each<[string, (tokens: TokenService) => TokenService]>([
    ['the service', (tokens) => tokens],
    ['the class', () => TokenService.prototype],
  ])('of %s supplies the tokens until it is restored', async (_, spied) => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    const http = app.get(DokStampHttpService);
    const spyOn = () =>
      vi.spyOn(spied(app.get(TokenService)), 'getToken').mockResolvedValue('spied');
    const before = spyOn();
    await send(http);
    expect(before).toHaveBeenCalledTimes(1);
    expect(tokenRequests()).toBe(0);
    before.mockRestore();
    await send(http);
    const after = spyOn();
    await send(http);
    after.mockRestore();
    expect(tokensSeen(server)).toEqual(['spied', 'client-1/1', 'spied']);
  });
});

describe('a DokStampModule that a test overrides', () => {
  it('is replaced by the module of the test', async () => {
    const registration = DokStampModule.forRoot(account());
    const double = { get: () => 'double' };
    @Module({
      providers: [{ provide: DokStampHttpService, useValue: double }],
      exports: [DokStampHttpService],
    })
    class DoubleModule {}
    const testing = await Test.createTestingModule({ imports: [registration] })
      .overrideModule(registration)
      .useModule(DoubleModule)
      .compile();
    expect(testing.get(DokStampHttpService)).toBe(double);
  });
});
